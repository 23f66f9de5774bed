//===- Statistics.h - Means over networks, and how sure they are -*- C++
//-*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What figures say about several networks. All sums are taken in the order of
/// the values' size, so that no number depends on the order of the runs.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_STATISTICS_H
#define DALE_REPORT_STATISTICS_H

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace dale::report {

/// The mean of a few networks.
struct Estimate {
  double mean = 0;
  /// Of the mean; none of a single network.
  std::optional<std::pair<double, double>> interval;
  size_t n = 0;

  double low() const { return interval ? interval->first : mean; }
  double high() const { return interval ? interval->second : mean; }
};

struct Bootstrap {
  int resamples = 10000;
  double confidence = 0.95;
  uint64_t seed = 1;
};

/// The mean, 0 of nothing.
double mean(std::vector<double> values);

/// The q-th quantile (0 to 1) of ascending values, with linear interpolation
/// between the two nearest: type 7 of Hyndman and Fan, "Sample quantiles in
/// statistical packages" (1996), which is NumPy's default.
double quantile(const std::vector<double> &ascending, double q);

/// The mean over networks with its percentile bootstrap interval: Efron and
/// Tibshirani, "An introduction to the bootstrap" (1993), section 13.3. As many
/// values as there are, are drawn with replacement, their mean is taken, and
/// the interval is between quantiles of these means. The draws come from Philox
/// with a fixed key, and are the same on all machines. Of the mean of a few
/// networks, such intervals are somewhat narrow (ibid., chapter 14).
///
/// \returns nothing of no values; no interval of one.
std::optional<Estimate> estimate(std::vector<double> values,
                                 const Bootstrap &bootstrap = {});

} // namespace dale::report

#endif // DALE_REPORT_STATISTICS_H
