//===- Connections.cpp - Weights between populations ----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/analysis/Connections.h"

#include <algorithm>
#include <cmath>

using namespace dale::runtime;

static double applied(double value, Constraint constraint) {
  switch (constraint) {
  case Constraint::Abs:
    return std::abs(value);
  case Constraint::Rectify:
    return std::max(value, 0.0);
  case Constraint::Free:
    return value;
  }
  return value;
}

/// What is applied of a variable.
static std::vector<double> appliedOf(const Circuit &circuit,
                                     const Buffer &parameters,
                                     const Variable &variable,
                                     Constraint constraint) {
  std::vector<double> values(static_cast<size_t>(variable.elements()));
  for (int64_t i = 0; i < variable.elements(); ++i)
    values[i] = applied(
        loadReal(parameters.data(), circuit.element, variable.offset + i),
        constraint);
  return values;
}

/// [k, k, Cin] times [Cin, Cout] -> [k, k, Cin, Cout]
static std::vector<double> multiplyOut(const std::vector<double> &depthwise,
                                       const std::vector<double> &pointwise,
                                       int64_t in, int64_t out) {
  std::vector<double> kernel;
  kernel.reserve(depthwise.size() * out);
  for (size_t i = 0; i < depthwise.size(); ++i) {
    const double *row = pointwise.data() + static_cast<int64_t>(i) % in * out;
    for (int64_t channel = 0; channel < out; ++channel)
      kernel.push_back(depthwise[i] * row[channel]);
  }
  return kernel;
}

/// [k, k, Cout, Cin] -> [k, k, Cin, Cout]
static std::vector<double> exchangeChannels(const std::vector<double> &kernel,
                                            int64_t out, int64_t in) {
  std::vector<double> exchanged;
  exchanged.reserve(kernel.size());
  for (int64_t pixel = 0; pixel < std::ssize(kernel); pixel += out * in)
    for (int64_t from = 0; from < in; ++from)
      for (int64_t to = 0; to < out; ++to)
        exchanged.push_back(kernel[pixel + to * in + from]);
  return exchanged;
}

/// [window, pairs] -> [pairs]
static std::vector<double> averageOver(int64_t window,
                                       const std::vector<double> &kernel) {
  std::vector<double> sums(kernel.size() / window);
  for (size_t i = 0; i < kernel.size(); ++i)
    sums[i % sums.size()] += kernel[i];
  for (double &sum : sums)
    sum /= static_cast<double>(window);
  return sums;
}

std::vector<double> dale::runtime::appliedKernel(const Circuit &circuit,
                                                 const Buffer &parameters,
                                                 const Projection &projection) {
  const std::vector<Variable> &variables = circuit.parameters.variables;
  const Variable &first = variables[projection.kernel.front()];
  std::vector<double> kernel =
      appliedOf(circuit, parameters, first, projection.constraint);
  if (projection.kernel.size() == 2) {
    const Variable &pointwise = variables[projection.kernel.back()];
    kernel = multiplyOut(
        kernel,
        appliedOf(circuit, parameters, pointwise, projection.constraint),
        pointwise.shape[0], pointwise.shape[1]);
  } else if (projection.feedback) {
    kernel = exchangeChannels(kernel, first.shape[2], first.shape[3]);
  }
  return kernel;
}

std::vector<double>
dale::runtime::connectionWeights(const Circuit &circuit,
                                 const Buffer &parameters,
                                 const Projection &projection, bool average) {
  std::vector<double> weights = appliedKernel(circuit, parameters, projection);
  for (double &weight : weights)
    weight = std::abs(weight);
  if (!average)
    return weights;
  const Shape &shape =
      circuit.parameters.variables[projection.kernel.front()].shape;
  return averageOver(shape[0] * shape[1], weights);
}

Density Density::of(const std::vector<double> &weights, double threshold) {
  return {std::ssize(weights),
          std::ranges::count_if(
              weights, [&](double weight) { return weight > threshold; })};
}

Density &Density::operator+=(const Density &other) {
  weights += other.weights;
  above += other.above;
  return *this;
}

LogHistogram LogHistogram::of(const std::vector<double> &weights) {
  LogHistogram histogram;
  for (double weight : weights) {
    double bin = std::floor((std::log(weight) - from) / width);
    if (weight == 0)
      ++histogram.zero;
    else if (bin < 0)
      ++histogram.below;
    else if (bin >= static_cast<double>(bins))
      ++histogram.above;
    else
      ++histogram.counts[static_cast<size_t>(bin)];
  }
  return histogram;
}
