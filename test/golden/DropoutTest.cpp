//===- DropoutTest.cpp - Whether dropout masks are random -----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a training step drops, as statistics. Masks.toml gets weights with
/// which its logits show each unit of each mask: pixel p of an image holds 32ᵖ,
/// a population without dropout counts D(t) = 2 D(t − 1) + image, and so time
/// step t brings 1, 3, 7 or 15 times 32ᵖ to the populations with dropout. No
/// two choices of 1, 3, 7 and 15 have the same sum, and all sums are below 32.
///
//===----------------------------------------------------------------------===//

#include "CompiledCircuit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

using namespace dale::runtime;
using namespace dale::runtime::test;
using namespace dale::test;

namespace {

constexpr int64_t numSteps = 2, numImages = 256, numTimes = 4, numPixels = 8,
                  numPopulations = 2, numChannels = 32;
constexpr double keep[numPopulations] = {0.75, 0.5};

/// Of a sum of independent numbers: chance alone exceeds it once in two million
/// times. The masks are the same each time that the test runs.
constexpr double maxDeviations = 5.0;

/// A number for each unit of each mask, as (kept − keep) / √(keep (1 − keep)):
/// of mean 0 and variance 1.
struct Masks {
  static constexpr size_t rank = 6;
  static constexpr const char *axes[rank] = {
      "training step", "image", "population", "channel", "pixel", "time step"};
  static constexpr int64_t shape[rank] = {
      numSteps, numImages, numPopulations, numChannels, numPixels, numTimes};

  std::vector<double> values;

  /// The same numbers, one row for each place along an axis.
  std::vector<std::vector<double>> along(size_t axis) const {
    int64_t inner = std::accumulate(shape + axis + 1, shape + rank, int64_t{1},
                                    std::multiplies<>());
    std::vector<std::vector<double>> rows(shape[axis]);
    for (size_t i = 0; i < values.size(); ++i)
      rows[i / inner % shape[axis]].push_back(values[i]);
    return rows;
  }
};

Tensor filled(Shape shape, double value) {
  int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t{1},
                                  std::multiplies<>());
  return {shape, std::vector<double>(count, value)};
}

class DropoutMasks : public testing::Test {
protected:
  DropoutMasks() {
    constexpr int64_t logits = numPopulations * numChannels;
    Tensors weights = {
        {"area1.D.bias", filled({1}, 0)},
        {"area1.P.bias", filled({numChannels}, 0)},
        {"area1.Q.bias", filled({numChannels}, 0)},
        // relu(-1) of the memory is kept: none.
        {"area1.f.bias", filled({numChannels}, -1)},
        {"area1.input_to_D.weight", filled({1, 1, 1, 1}, 1)},
        {"area1.D_to_D.weight", filled({1, 1, 1, 1}, 2)},
        {"area1.D_to_P.weight", filled({1, 1, 1, numChannels}, 1)},
        {"area1.D_to_Q.weight", filled({1, 1, 1, numChannels}, 1)},
        {"area1.D_to_f.weight", filled({1, 1, 1, numChannels}, 0)},
        {"readout.weight", filled({logits, logits}, 0)},
        {"readout.bias", filled({logits}, 0)}};
    for (int64_t i = 0; i < logits; ++i)
      weights["readout.weight"].values[i * (logits + 1)] = 1;
    writeTensors(folder / "weights", weights);

    std::vector<float> images;
    for (int64_t image = 0; image < numImages; ++image)
      for (int64_t pixel = 0; pixel < numPixels; ++pixel)
        images.push_back(std::ldexp(1.0f, 5 * pixel));
    writeBatch(folder / "batch", {numImages, 2, 4, 1}, images,
               std::vector<int32_t>(numImages, 0));
  }

  /// What training step `number` computes. The steps before it change nothing.
  Tensors step(const char *circuit, int64_t number) const {
    return CompiledCircuit(circuit).step(
        folder / "weights", folder / "batch",
        {"--steps", std::to_string(number), "--lr", "1e-300"});
  }

  TemporaryFolder folder;
};

/// Appends the units of a logit's masks, of all pixels and times. False where
/// the logit is no sum of units that were kept.
bool decode(double logit, int64_t population, Masks &masks) {
  double share = keep[population];
  // The read-out takes the mean over the pixels.
  double scaled = logit * numPixels * share;
  int64_t sum = std::llround(scaled);
  if (std::abs(scaled - static_cast<double>(sum)) > 1e-2)
    return false;
  for (int64_t pixel = 0; pixel < numPixels; ++pixel, sum >>= 5) {
    int64_t rest = sum & 31;
    double units[numTimes];
    for (int64_t t = numTimes - 1; t >= 0; --t) {
      int64_t brought = (int64_t{2} << t) - 1;
      bool kept = rest >= brought;
      rest -= kept ? brought : 0;
      units[t] = (kept - share) / std::sqrt(share * (1 - share));
    }
    if (rest != 0)
      return false;
    masks.values.insert(masks.values.end(), units, units + numTimes);
  }
  return sum == 0;
}

/// Sums of products are compared with the deviation of such a sum of
/// independent numbers, √n: over all units for the share that is kept, and over
/// what two places along an axis have in common for their correlation.
TEST_F(DropoutMasks, AreIndependent) {
  Masks masks;
  for (int64_t number = 1; number <= numSteps; ++number) {
    std::vector<double> logits = step("Masks-f64", number)["logits"].values;
    ASSERT_EQ(logits.size(), numImages * numPopulations * numChannels);
    for (size_t i = 0; i < logits.size(); ++i)
      ASSERT_TRUE(decode(logits[i], i / numChannels % numPopulations, masks))
          << "logit " << i << " is " << logits[i];
  }

  for (size_t axis = 0; axis < Masks::rank; ++axis) {
    std::vector<std::vector<double>> rows = masks.along(axis);
    double root = std::sqrt(rows[0].size()), worstShare = 0, worstPair = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      double share = std::reduce(rows[i].begin(), rows[i].end(), 0.0) / root;
      worstShare = std::max(worstShare, std::abs(share));
      EXPECT_LE(std::abs(share), maxDeviations)
          << "the share that is kept of " << Masks::axes[axis] << " " << i;
      for (size_t j = 0; j < i; ++j) {
        double pair = std::transform_reduce(rows[i].begin(), rows[i].end(),
                                            rows[j].begin(), 0.0) /
                      root;
        worstPair = std::max(worstPair, std::abs(pair));
        EXPECT_LE(std::abs(pair), maxDeviations)
            << "the correlation of " << Masks::axes[axis] << "s " << j
            << " and " << i;
      }
    }
    fmt::print("  {:13}  share of one {:.1f} σ, correlation of two {:.1f} σ, "
               "at most, with {} units each\n",
               Masks::axes[axis], worstShare, worstPair, rows[0].size());
  }
  std::fflush(stdout);
}

/// In evaluation nothing is dropped, nor scaled.
TEST_F(DropoutMasks, KeepEverythingInEvaluation) {
  double all = 0;
  for (int64_t pixel = 0; pixel < numPixels; ++pixel)
    all += std::ldexp(1 + 3 + 7 + 15, 5 * pixel) / numPixels;
  Tensors result = step("Masks-f64", 1);
  for (double logit : result["logits_eval"].values)
    ASSERT_EQ(logit, all);
}

/// Where everything is kept, training computes what evaluation does.
TEST_F(DropoutMasks, KeepEverythingWhereAskedTo) {
  Tensors result = step("Masks-all-kept", 1);
  EXPECT_EQ(result["logits"].values, result["logits_eval"].values);
}

} // namespace
