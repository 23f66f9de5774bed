//===- EmulatedTest.cpp - GPU kernels on the emulated device --------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The kernels that are made for GPUs, run thread by thread on the host: they
/// compute what the CPU's code does, and break no rule of a GPU on the way, in
/// whatever order threads come.
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

const std::vector<std::string> onGpu = {"--device", "emulated"};

class EmulatedGpu : public testing::TestWithParam<std::string> {
protected:
  ~EmulatedGpu() override {
    ::unsetenv("DALE_EMULATED_ORDER");
    ::unsetenv("DALE_EMULATED_BLOCKS");
  }

  /// More images than a grid has blocks, and than there are parts of a batch.
  static constexpr int64_t count = 6;

  TemporaryFolder folder;
};

TEST_P(EmulatedGpu, EqualsTheCpu) {
  CompiledCircuit compiled(GetParam() + "-f64");
  fs::path file = golden(GetParam(), "weights"), batch = folder / "batch";
  nlohmann::json input = compiled.describe().at("input");
  writeRandomBatch(batch, count, input.at("height"), input.at("width"));
  Tensors expected = compiled.stepAndRespond(file, batch, {"--device", "cpu"});
  Tensors first;
  for (const char *order : {"forward", "reverse", "shuffle:1"}) {
    ::setenv("DALE_EMULATED_ORDER", order, /*overwrite=*/1);
    Tensors result = compiled.stepAndRespond(file, batch, onGpu);
    expectTensors(result, expected, wideDoublePrecision);
    // Not a bit depends on the order.
    if (first.empty())
      first = result;
    for (const auto &[name, tensor] : result)
      EXPECT_EQ(tensor.values, first[name].values) << name << ", " << order;
  }
}

INSTANTIATE_TEST_SUITE_P(Circuits, EmulatedGpu,
                         testing::ValuesIn(allCircuits()),
                         [](const testing::TestParamInfo<std::string> &info) {
                           return info.param;
                         });

using EmulatedGolden = EmulatedGpu;

TEST_P(EmulatedGolden, Step) {
  expectTensors(CompiledCircuit(GetParam() + "-f64")
                    .stepAndRespond(golden(GetParam(), "weights"),
                                    golden(GetParam(), "batch"), onGpu),
                readTensors(golden(GetParam(), "expected")),
                goldenDoublePrecision);
}

INSTANTIATE_TEST_SUITE_P(Circuits, EmulatedGolden,
                         testing::ValuesIn(allCircuits()),
                         [](const testing::TestParamInfo<std::string> &info) {
                           return info.param;
                         });

/// Where a map does not fit a block's shared memory it lies in the workspace.
TEST(EmulatedMemory, LargeMapsAreInTheWorkspace) {
  CompiledCircuit compiled("Standard-large");
  nlohmann::json needs =
      compiled.describe().at("gpu").at("functions").at("train_step");
  EXPECT_GT(needs.at("per_block").get<int64_t>(), 0);
  auto shared = needs.at("shared").get<std::vector<int64_t>>();
  ASSERT_EQ(shared.size(), 2U);
  EXPECT_GT(shared[0], 0);
  TemporaryFolder folder;
  writeRandomBatch(folder / "batch", 3, 24, 24);
  // Golden weights have norms of three steps.
  fs::path weights = folder / "weights";
  writeTensors(weights, randomWeights(compiled.describe()));
  Tensors expected =
      compiled.step(weights, folder / "batch", {"--device", "cpu"});
  // As much of it as the block may have, and as little as it must.
  for (int64_t bytes : shared) {
    ::setenv("DALE_EMULATED_SHARED", std::to_string(bytes).c_str(),
             /*overwrite=*/1);
    expectTensors(compiled.step(weights, folder / "batch", onGpu), expected,
                  doublePrecision);
  }
  ::unsetenv("DALE_EMULATED_SHARED");
}

/// Several blocks that work on an image together compute what one does alone,
/// to the last bit, however many there are, for as many images as they have:
/// each has some of the blocks, or there are too few for all.
TEST(EmulatedBlocks, SeveralForAnImageGiveTheSame) {
  CompiledCircuit one("StandardEI-f64"), several("StandardEI-several");
  auto shared = several.describe().at("gpu").at("functions").at("train_step");
  EXPECT_EQ(shared.at("shared").get<std::vector<int64_t>>(),
            std::vector<int64_t>{0});
  TemporaryFolder folder;
  nlohmann::json input = one.describe().at("input");
  for (int64_t images : {1, 2, 3, 6}) {
    fs::path batch = folder / fmt::format("batch-{}", images);
    writeRandomBatch(batch, images, input.at("height"), input.at("width"));
    fs::path weights = golden("StandardEI", "weights");
    Tensors expected = one.stepAndRespond(weights, batch, onGpu);
    for (const char *blocks : {"1", "2", "3", "4"})
      for (const char *order : {"forward", "shuffle:2"}) {
        ::setenv("DALE_EMULATED_BLOCKS", blocks, /*overwrite=*/1);
        ::setenv("DALE_EMULATED_ORDER", order, /*overwrite=*/1);
        Tensors result = several.stepAndRespond(weights, batch, onGpu);
        for (const auto &[name, tensor] : expected)
          EXPECT_EQ(tensor.values, result[name].values)
              << name << ", " << images << " images, " << blocks << " blocks, "
              << order;
      }
  }
  ::unsetenv("DALE_EMULATED_BLOCKS");
  ::unsetenv("DALE_EMULATED_ORDER");
}

TEST(EmulatedBlocks, SeveralForAnImageGiveGoldenValues) {
  ::setenv("DALE_EMULATED_BLOCKS", "4", /*overwrite=*/1);
  expectTensors(CompiledCircuit("StandardEI-several")
                    .stepAndRespond(golden("StandardEI", "weights"),
                                    golden("StandardEI", "batch"), onGpu),
                readTensors(golden("StandardEI", "expected")), doublePrecision);
  ::unsetenv("DALE_EMULATED_BLOCKS");
}

/// How many blocks a GPU has does not change a bit.
TEST(EmulatedBlocks, AnyNumberGivesTheSame) {
  CompiledCircuit compiled("StandardEI-f64");
  Tensors first;
  for (const char *blocks : {"1", "2", "4", "7"}) {
    ::setenv("DALE_EMULATED_BLOCKS", blocks, /*overwrite=*/1);
    Tensors result = compiled.step(golden("StandardEI", "weights"),
                                   golden("StandardEI", "batch"), onGpu);
    if (first.empty())
      first = result;
    for (const auto &[name, tensor] : result)
      EXPECT_EQ(tensor.values, first[name].values) << name << ", " << blocks;
  }
  ::unsetenv("DALE_EMULATED_BLOCKS");
}

} // namespace
