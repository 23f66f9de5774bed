//===- PtxTest.cpp - What is sent to GPUs, run on the host ----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Executables as users have them train on a CUDA driver that runs their PTX
/// (test/ptx): what the emulated device does not see, from LLVM's code for
/// GPUs to the parameters of a launch, gives golden values too.
///
//===----------------------------------------------------------------------===//

#include "CompiledCircuit.h"
#include "RandomInputs.h"

#include <cstdlib>
#include <fmt/format.h>

using namespace dale::runtime;
using namespace dale::runtime::test;
using namespace dale::test;
namespace fs = std::filesystem;

namespace {

/// All circuits in single precision, those among them whose gradients are sums
/// of much larger terms: the CPU's code is as far off there.
constexpr Tolerances tolerances = {5e-5, 1e-5, 1e-5, 2e-5, 4e-4, 3e-3};

class Ptx : public testing::TestWithParam<std::string> {
protected:
  Ptx() { ::setenv("LD_LIBRARY_PATH", PTX_CUDA_FOLDER, /*overwrite=*/1); }
  ~Ptx() override {
    ::unsetenv("LD_LIBRARY_PATH");
    ::unsetenv("FAKE_CUDA");
  }

  Tensors run(const std::string &circuit, const std::string &values) const {
    return CompiledCircuit(circuit + "-ptx")
        .stepAndRespond(golden(values, "weights"), golden(values, "batch"),
                        {"--device", "cuda"});
  }
};

TEST_P(Ptx, GivesGoldenValues) {
  expectTensors(run(GetParam(), GetParam()),
                readTensors(golden(GetParam(), "expected")), tolerances);
}

INSTANTIATE_TEST_SUITE_P(Circuits, Ptx, testing::ValuesIn(allCircuits()),
                         [](const testing::TestParamInfo<std::string> &info) {
                           return info.param;
                         });

TEST_F(Ptx, SeveralBlocksForAnImageGiveGoldenValues) {
  for (const char *blocks : {"each=1", "each=3"}) {
    ::setenv("FAKE_CUDA", blocks, /*overwrite=*/1);
    expectTensors(run("StandardEI-several", "StandardEI"),
                  readTensors(golden("StandardEI", "expected")), tolerances);
  }
}

/// Neither the number of blocks nor who comes first changes a bit.
TEST_F(Ptx, GivesTheSameInEveryOrder) {
  Tensors first = run("Standard", "Standard");
  for (const char *order : {"reversed", "each=2", "each=3,reversed"}) {
    ::setenv("FAKE_CUDA", order, /*overwrite=*/1);
    for (const auto &[name, tensor] : run("Standard", "Standard"))
      EXPECT_EQ(tensor.values, first[name].values) << name << ", " << order;
  }
}

} // namespace
