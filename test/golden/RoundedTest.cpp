//===- RoundedTest.cpp - Circuits that round ------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What `--precision` rounds is off by that rounding, which is seen, and by no
/// more.
///
//===----------------------------------------------------------------------===//

#include "CompiledCircuit.h"
#include "RandomInputs.h"
#include "runtime/circuit/CpuFeatures.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

using namespace dale::runtime;
using namespace dale::runtime::test;
using namespace dale::test;
namespace fs = std::filesystem;

namespace {

/// |actual - expected| / |expected|, of all tensors of a kind as one vector.
/// Infinite where one is missing or has another size.
double distance(const Tensors &actual, const Tensors &expected, Kind kind) {
  double difference = 0, length = 0;
  for (const auto &[name, tensor] : expected) {
    if (kindOf(name) != kind)
      continue;
    auto found = actual.find(name);
    if (found == actual.end() ||
        found->second.values.size() != tensor.values.size()) {
      ADD_FAILURE() << name << " is missing, or of another size";
      return std::numeric_limits<double>::infinity();
    }
    for (size_t i = 0; i < tensor.values.size(); ++i) {
      difference += std::pow(found->second.values[i] - tensor.values[i], 2);
      length += std::pow(tensor.values[i], 2);
    }
  }
  return std::sqrt(difference / length);
}

/// One way to round, and how far off it may be.
struct Rounding {
  const char *circuit, *device;
  /// Where relu and the largest of a pool change sides, gradients jump.
  double responses, logits, gradients;
};

void PrintTo(const Rounding &rounding, std::ostream *os) {
  *os << rounding.circuit << " on " << rounding.device;
}

class Rounded : public testing::TestWithParam<Rounding> {
protected:
  void SetUp() override {
    std::vector<std::string> missing = missingFeatures(
        thisCpu(), rounded.describe().at("target").at("features"));
    if (!missing.empty())
      GTEST_SKIP() << "this processor lacks "
                   << fmt::format("{}", fmt::join(missing, ", "));
  }

  Rounded() {
    writeTensors(weights(), randomWeights(exact.describe()));
    writeRandomBatch(batch(), 6, 16, 16);
    // A CUDA driver that runs PTX on the host.
    ::setenv("LD_LIBRARY_PATH", PTX_CUDA_FOLDER, /*overwrite=*/1);
  }
  ~Rounded() override {
    ::unsetenv("DALE_EMULATED_ORDER");
    ::unsetenv("FAKE_CUDA");
    ::unsetenv("LD_LIBRARY_PATH");
  }

  fs::path weights() const { return folder / "weights"; }
  fs::path batch() const { return folder / "batch"; }

  CompiledCircuit exact{"Standard-exact"};
  CompiledCircuit rounded{std::string("Standard-") + GetParam().circuit};
  std::vector<std::string> device{"--device", GetParam().device};
  TemporaryFolder folder;
};

TEST_P(Rounded, IsCloseToExact) {
  Tensors expected = exact.stepAndRespond(weights(), batch());
  Tensors result =
      rounded.stepAndRespond(weights(), batch(), device, GetParam().logits);
  for (auto [kind, most] : {std::pair(Kind::Responses, GetParam().responses),
                            {Kind::Logits, GetParam().logits},
                            {Kind::Gradients, GetParam().gradients}}) {
    double off = distance(result, expected, kind);
    EXPECT_LE(off, most);
    // Evaluation is one stage: without products that round it is exact.
    if (kind != Kind::Responses) {
      EXPECT_GE(off, most / 40);
    }
  }
}

/// Whatever the order of a GPU's threads, and however many a CPU has.
TEST_P(Rounded, IsTheSameInEveryOrder) {
  Tensors result = rounded.step(weights(), batch(), device);
  ::setenv("DALE_EMULATED_ORDER", "shuffle:1", /*overwrite=*/1);
  ::setenv("FAKE_CUDA", "reversed,each=2", /*overwrite=*/1);
  rounded.threads = 3;
  for (const auto &[name, tensor] : rounded.step(weights(), batch(), device))
    EXPECT_EQ(tensor.values, result[name].values) << name;
}

INSTANTIATE_TEST_SUITE_P(
    Precisions, Rounded,
    testing::Values(Rounding{"tf32", "emulated", 5e-4, 5e-3, 2e-2},
                    Rounding{"bf16", "emulated", 4e-3, 4e-2, 2e-1},
                    Rounding{"tf32-ptx", "cuda", 5e-4, 5e-3, 2e-2},
                    Rounding{"bf16-ptx", "cuda", 4e-3, 4e-2, 2e-1},
                    Rounding{"bf16", "cpu", 4e-3, 4e-2, 2e-1},
                    Rounding{"bf16-znver4", "cpu", 4e-3, 4e-2, 2e-1},
                    Rounding{"bf16-sapphirerapids", "cpu", 4e-3, 4e-2, 2e-1},
                    Rounding{"bf16-haswell", "cpu", 4e-3, 4e-2, 2e-1}),
    [](const testing::TestParamInfo<Rounding> &info) {
      std::string name =
          std::string(info.param.circuit) + "_" + info.param.device;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(Precision, IsDescribed) {
  for (std::string precision : {"tf32", "bf16"}) {
    CompiledCircuit compiled("Standard-" + precision);
    EXPECT_EQ(compiled.describe().at("gpu").at("precision"), precision);
  }
}

} // namespace
