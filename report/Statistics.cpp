//===- Statistics.cpp - Means over networks, and how sure they are --------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Statistics.h"

#include "runtime/random/Philox.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace dale::report;
using namespace dale::runtime;

/// In the order that they have.
static double meanInOrder(const std::vector<double> &values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

double dale::report::mean(std::vector<double> values) {
  std::ranges::sort(values);
  return meanInOrder(values);
}

double dale::report::quantile(const std::vector<double> &ascending, double q) {
  double place = q * static_cast<double>(ascending.size() - 1);
  size_t below = static_cast<size_t>(std::floor(place));
  size_t above = std::min(below + 1, ascending.size() - 1);
  double part = place - static_cast<double>(below);
  return ascending[below] + part * (ascending[above] - ascending[below]);
}

std::optional<Estimate> dale::report::estimate(std::vector<double> values,
                                               const Bootstrap &bootstrap) {
  if (values.empty())
    return std::nullopt;
  std::ranges::sort(values);
  Estimate result{meanInOrder(values), std::nullopt, values.size()};
  if (values.size() == 1)
    return result;
  RandomSequence draws(bootstrap.seed, RandomStream::Bootstrap, 0);
  uint32_t count = static_cast<uint32_t>(values.size());
  std::vector<double> means(static_cast<size_t>(bootstrap.resamples));
  for (double &each : means) {
    double sum = 0;
    for (uint32_t i = 0; i < count; ++i)
      sum += values[draws.below(count)];
    each = sum / count;
  }
  std::ranges::sort(means);
  double tail = (1 - bootstrap.confidence) / 2;
  result.interval = {quantile(means, tail), quantile(means, 1 - tail)};
  return result;
}
