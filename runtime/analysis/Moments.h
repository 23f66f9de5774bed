//===- Moments.h - Moments of numbers in passing ----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Central moments of numbers that come one at a time (Pébay 2008), so that
/// nothing has to be kept of them, and nothing is lost where their mean is
/// large.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_ANALYSIS_MOMENTS_H
#define DALE_RUNTIME_ANALYSIS_MOMENTS_H

#include <cstdint>
#include <optional>

namespace dale::runtime {

class Moments {
public:
  void add(double value);

  int64_t count() const { return number; }
  /// 0 of no numbers.
  double mean() const { return first; }

  /// The population skewness m3 / m2^1.5, where m_k is the mean of
  /// (x − mean)^k (eq. 4). None where the variance m2 is 0, which is exact of
  /// equal numbers.
  std::optional<double> skewness() const;

private:
  int64_t number = 0;
  /// The mean, and the sums of (x − mean)² and (x − mean)³.
  double first = 0, second = 0, third = 0;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_ANALYSIS_MOMENTS_H
