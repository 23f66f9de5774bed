//===- InitialWeightsTest.cpp - Tests of initial values -------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/InitialWeights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace dale::runtime;

namespace {

constexpr int64_t count = 40000;

Circuit circuitOf(std::vector<Variable> parameters,
                  ElementType element = ElementType::F64) {
  Circuit circuit;
  circuit.element = element;
  int64_t end = 0;
  for (Variable &variable : parameters) {
    variable.offset = end;
    end += variable.elements();
  }
  circuit.parameters = {end, std::move(parameters)};
  circuit.averages = {1, {{"v", {1}, 0, {Initializer::Kind::Constant, 1}}}};
  return circuit;
}

struct Moments {
  double mean = 0, variance = 0, least = 0, most = 0;
};

Moments momentsOf(std::span<const double> values) {
  Moments moments;
  for (double value : values) {
    moments.mean += value / values.size();
    moments.least = std::min(moments.least, value);
    moments.most = std::max(moments.most, value);
  }
  for (double value : values)
    moments.variance +=
        (value - moments.mean) * (value - moments.mean) / values.size();
  return moments;
}

TEST(InitialWeights, ConstantsAreConstant) {
  Circuit circuit = circuitOf(
      {{"a", {3}, 0, {Initializer::Kind::Constant, 2.5}}}, ElementType::F32);
  Model model(circuit);
  std::memset(model.momenta.data(), 1, 4);
  initializeModel(model, circuit, 0);
  for (float value : model.parameters.as<float>().first(3))
    EXPECT_EQ(value, 2.5f);
  EXPECT_EQ(model.averages.as<float>()[0], 1.0f);
  EXPECT_EQ(model.momenta.as<float>()[0], 0.0f);
}

// models.md: a depthwise [3,3,64] kernel counts fan-in 9 * 64 and fan-out 9.
TEST(InitialWeights, GlorotUniformFillsItsRange) {
  Circuit circuit = circuitOf(
      {{"a", {count}, 0, {Initializer::Kind::GlorotUniform, 0, 576, 9}}});
  Model model(circuit);
  initializeModel(model, circuit, 1);
  Moments moments = momentsOf(model.parameters.as<double>());
  double limit = std::sqrt(6.0 / 585);
  EXPECT_GE(moments.least, -limit);
  EXPECT_LE(moments.most, limit);
  EXPECT_LT(moments.least, -0.99 * limit);
  EXPECT_GT(moments.most, 0.99 * limit);
  EXPECT_NEAR(moments.mean, 0, 5 * limit / std::sqrt(3.0 * count));
  EXPECT_NEAR(moments.variance, limit * limit / 3, 0.03 * limit * limit / 3);
}

// models.md: cut at two deviations, with variance 1 / fan-in afterwards.
TEST(InitialWeights, TruncatedNormalHasItsVarianceAfterTruncation) {
  Circuit circuit = circuitOf(
      {{"a", {count}, 0, {Initializer::Kind::TruncatedNormal, 0, 27}}});
  Model model(circuit);
  initializeModel(model, circuit, 1);
  Moments moments = momentsOf(model.parameters.as<double>());
  double sigma = std::sqrt(1.0 / 27) / 0.8796;
  EXPECT_GE(moments.least, -2 * sigma);
  EXPECT_LE(moments.most, 2 * sigma);
  EXPECT_GT(moments.most, 1.95 * sigma);
  EXPECT_NEAR(moments.mean, 0, 5 * std::sqrt(1.0 / 27 / count));
  EXPECT_NEAR(moments.variance, 1.0 / 27, 0.03 / 27);
}

TEST(InitialWeights, DependOnSeedAndNameOnly) {
  Initializer uniform{Initializer::Kind::GlorotUniform, 0, 4, 4};
  Circuit one = circuitOf({{"a", {8}, 0, uniform}});
  Circuit other = circuitOf({{"b", {3}, 0, uniform}, {"a", {8}, 0, uniform}});
  Model first(one), second(other), third(one), again(one);
  initializeModel(first, one, 5);
  initializeModel(second, other, 5);
  initializeModel(third, one, 6);
  initializeModel(again, one, 5);
  std::span<const double> values = first.parameters.as<double>();
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(values[i], second.parameters.as<double>()[3 + i]);
    EXPECT_EQ(values[i], again.parameters.as<double>()[i]);
    EXPECT_NE(values[i], third.parameters.as<double>()[i]);
  }
  EXPECT_NE(values[0], second.parameters.as<double>()[0]);
}

} // namespace
