//===- GoldenTest.cpp - Compiled circuits against golden values -----------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Tiny circuits, compiled in several ways, against what an independent
/// implementation computed in double precision (reference/ has most of it);
/// against each other; and against finite differences.
///
//===----------------------------------------------------------------------===//

#include "CompiledCircuit.h"
#include "RandomInputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace dale::runtime;
using namespace dale::runtime::test;
using namespace dale::test;
namespace fs = std::filesystem;

namespace {

//===----------------------------------------------------------------------===//
// Golden values
//===----------------------------------------------------------------------===//

/// A circuit, and how it is compiled.
struct Compilation {
  std::string circuit, how;
};

void PrintTo(const Compilation &compilation, std::ostream *os) {
  *os << compilation.circuit << ", " << compilation.how;
}

class Golden : public testing::TestWithParam<Compilation> {
protected:
  const std::string &circuit() const { return GetParam().circuit; }
  CompiledCircuit compiled() const {
    return CompiledCircuit(circuit() + "-" + GetParam().how);
  }
  Tolerances tolerances() const {
    return GetParam().how == "f64" ? goldenDoublePrecision : singlePrecision;
  }
};

TEST_P(Golden, Step) {
  expectTensors(compiled().stepAndRespond(golden(circuit(), "weights"),
                                          golden(circuit(), "batch")),
                readTensors(golden(circuit(), "expected")), tolerances());
}

using GoldenSecondStep = Golden;

TEST_P(GoldenSecondStep, Step) {
  expectTensors(compiled().step(golden(circuit(), "weights"),
                                golden(circuit(), "batch"), {"--steps", "2"}),
                readTensors(golden(circuit(), "second")), tolerances());
}

static std::string nameOf(const testing::TestParamInfo<Compilation> &info) {
  std::string name = info.param.circuit + "_" + info.param.how;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// No circuit of this folder is without golden values.
static std::vector<Compilation> allCompilations() {
  std::vector<Compilation> all = {
      {"Standard", "f32"},       {"StandardEI", "f32"},
      {"Standard_InhPN", "f32"}, {"Vocabulary", "f32"},
      {"Vocabulary", "unfused"}, {"Standard", "unfused"},
      {"StandardEI", "unfused"}, {"Standard", "haswell"},
      {"Standard", "x86-64"}};
  for (const std::string &circuit : allCircuits())
    all.push_back({circuit, "f64"});
  return all;
}

/// Of some there are values of a second step, with its momentum.
static std::vector<Compilation> withSecondStep() {
  std::vector<Compilation> some = allCompilations();
  std::erase_if(some, [](const Compilation &compilation) {
    return !fs::exists(golden(compilation.circuit, "second"));
  });
  return some;
}

INSTANTIATE_TEST_SUITE_P(Circuits, Golden, testing::ValuesIn(allCompilations()),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(Circuits, GoldenSecondStep,
                         testing::ValuesIn(withSecondStep()), nameOf);

//===----------------------------------------------------------------------===//
// One compilation against another
//===----------------------------------------------------------------------===//

TEST(Unfused, EqualsFused) {
  for (std::string circuit : {"Standard", "StandardEI"}) {
    fs::path weights = golden(circuit, "weights"),
             batch = golden(circuit, "batch");
    expectTensors(
        CompiledCircuit(circuit + "-unfused").stepAndRespond(weights, batch),
        CompiledCircuit(circuit + "-f32").stepAndRespond(weights, batch),
        singlePrecision);
  }
}

/// Images of 10 x 14, more of them than parts of a batch that are summed on
/// their own. Golden weights fit: they do not depend on an image's size.
class Rectangular : public testing::Test {
protected:
  Rectangular() { writeRandomBatch(batch(), count, 10, 14); }

  fs::path batch() const { return folder / "batch"; }
  Tensors run(const std::string &how) const {
    return CompiledCircuit("StandardEI-rectangular-" + how)
        .stepAndRespond(golden("StandardEI", "weights"), batch());
  }

  static constexpr int64_t count = 37;
  TemporaryFolder folder;
};

TEST_F(Rectangular, UnfusedEqualsFused) {
  expectTensors(run("f64-unfused"), run("f64"), doublePrecision);
}

TEST_F(Rectangular, SingleEqualsDoublePrecision) {
  Tensors tensors = run("f64");
  for (const auto &[name, tensor] : tensors)
    for (double value : tensor.values)
      ASSERT_TRUE(std::isfinite(value)) << name;
  expectTensors(run("f32"), tensors, singlePrecision);
}

//===----------------------------------------------------------------------===//
// Circuits as wide as the paper's
//===----------------------------------------------------------------------===//

class Wide : public testing::Test {
protected:
  Wide() {
    writeTensors(folder / "weights",
                 randomWeights(CompiledCircuit("Standard-wide").describe()));
  }

  Tensors run(const std::string &how) const {
    return CompiledCircuit("Standard-wide" + how)
        .step(folder / "weights", golden("Standard", "batch"));
  }

  TemporaryFolder folder;
};

/// Maps of this size take several tiles, and ops with and without their
/// neighbours other ones: they must agree on where every element is.
TEST_F(Wide, UnfusedEqualsFused) {
  expectTensors(run("-unfused"), run(""), wideDoublePrecision);
}

TEST_F(Wide, AnotherVectorWidthGivesTheSame) {
  expectTensors(run("-haswell"), run(""), wideDoublePrecision);
}

//===----------------------------------------------------------------------===//
// Finite differences of whole networks
//===----------------------------------------------------------------------===//

class WholeNetwork : public testing::TestWithParam<std::string> {};

TEST_P(WholeNetwork, FiniteDifferencesAgreeWithTheGradient) {
  std::string circuit = GetParam();
  CompiledCircuit compiled(circuit + "-f64");
  TemporaryFolder folder;
  nlohmann::json description = compiled.describe();
  Tensors weights = readTensors(golden(circuit, "weights"));
  fs::path shifted = folder / "weights", batch = folder / "batch";
  writeRandomBatch(batch, 4, description.at("input").at("height"),
                   description.at("input").at("width"));
  writeTensors(shifted, weights);
  Tensors result = compiled.step(shifted, batch);

  auto lossAt = [&](double &value, double at) {
    double before = value;
    value = at;
    writeTensors(shifted, weights);
    value = before;
    return compiled.step(shifted, batch)["loss_total"].values[0];
  };
  std::mt19937 engine(11);
  double worst = 0;
  int compared = 0;
  std::string worstName;
  for (auto &[name, tensor] : weights) {
    auto gradient = result.find("grad." + name);
    if (gradient == result.end())
      continue; // a moving average
    double scale = std::max(gradient->second.largest(), 0.01);
    for (int sample = 0; sample < 2; ++sample) {
      size_t i = engine() % tensor.values.size();
      double &value = tensor.values[i], error = INFINITY;
      // Where something jumps between the two points the difference says
      // nothing: a smaller one meets less.
      for (double h : {1e-5, 1e-6, 1e-7}) {
        double difference =
            (lossAt(value, value + h) - lossAt(value, value - h)) / (2 * h);
        error = std::min(
            error, std::abs(difference - gradient->second.values[i]) / scale);
        if (error < 1e-7)
          break;
      }
      EXPECT_LE(error, 1e-6) << name << " at " << i;
      ++compared;
      if (error > worst) {
        worst = error;
        worstName = name;
      }
    }
  }
  EXPECT_GT(compared, 50);
  fmt::print("  {} parameters, worst {:.1e}  {}\n", compared, worst, worstName);
  std::fflush(stdout);
}

INSTANTIATE_TEST_SUITE_P(Circuits, WholeNetwork,
                         testing::ValuesIn(allCircuits()),
                         [](const testing::TestParamInfo<std::string> &info) {
                           return info.param;
                         });

//===----------------------------------------------------------------------===//
// One circuit under two names
//===----------------------------------------------------------------------===//

/// Appendix C.2's last simplification is StandardEI: with equal parameters, all
/// numbers are equal.
TEST(Simplified, EqualsStandardEI) {
  const std::string simplified = "NoOG_ECurrBN_SSub_SFG_RecurrI";
  auto rename = [](std::string name) {
    const std::pair<const char *, const char *> parts[] = {
        {".fE.", ".fPN."},     {".fI.", ".fIG."},     {"_to_E.", "_to_PN."},
        {"_to_I.", "_to_IG."}, {".E_to_", ".PN_to_"}, {".I_to_", ".IG_to_"},
        {".E.", ".PN."},       {".I.", ".IG."}};
    for (auto [from, to] : parts)
      if (size_t at = name.find(from); at != std::string::npos)
        name.replace(at, std::string(from).size(), to);
    // Responses end with a population's name.
    for (auto [from, to] : {std::pair(".E", ".PN"), std::pair(".I", ".IG")})
      if (name.ends_with(from))
        name.replace(name.size() - 2, 2, to);
    return name;
  };
  TemporaryFolder folder;
  Tensors renamed;
  for (auto &[name, tensor] : readTensors(golden("StandardEI", "weights")))
    renamed[rename(name)] = tensor;
  writeTensors(folder / "weights", renamed);
  Tensors expected;
  for (auto &[name, tensor] :
       CompiledCircuit("StandardEI-f64")
           .stepAndRespond(golden("StandardEI", "weights"),
                           golden("StandardEI", "batch")))
    expected[rename(name)] = tensor;
  expectTensors(
      CompiledCircuit(simplified + "-f64")
          .stepAndRespond(folder / "weights", golden("StandardEI", "batch")),
      expected, doublePrecision);
}

//===----------------------------------------------------------------------===//
// Dropout
//===----------------------------------------------------------------------===//

/// Masks that are computed again in other stages are the same masks.
TEST(Dropout, UnfusedEqualsFused) {
  TemporaryFolder folder;
  const std::string circuit = "PNCCellDrpt_AddOGDrpt";
  CompiledCircuit fused(circuit + "-f64"), unfused(circuit + "-unfused");
  writeTensors(folder / "weights", randomWeights(fused.describe()));
  fs::path batch = golden("Standard", "batch");
  Tensors step = fused.step(folder / "weights", batch);
  expectTensors(unfused.step(folder / "weights", batch), step, doublePrecision);
  // It does something in training, and nothing in evaluation.
  Tensors kept =
      CompiledCircuit("NoPNCCellBN-f64").step(folder / "weights", batch);
  EXPECT_EQ(step["logits_eval"].values, kept["logits_eval"].values);
  EXPECT_NE(step["logits"].values, kept["logits"].values);
}

} // namespace
