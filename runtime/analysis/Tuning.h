//===- Tuning.h - Responses of one unit to gratings -------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a unit's responses to the gratings say of it.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_ANALYSIS_TUNING_H
#define DALE_RUNTIME_ANALYSIS_TUNING_H

#include "runtime/analysis/Gratings.h"

#include <optional>
#include <span>

namespace dale::runtime {

struct Tuning {
  /// Over all gratings.
  double largest = 0;
  /// The grating of the largest response, the first of equal ones; none where
  /// no response is positive: the unit is silent.
  std::optional<Grating> preferred;
  /// The global orientation selectivity index (eq. 3), of the responses r(θ) at
  /// the preferred frequency and phase:
  ///
  ///     |Σ r(θ) e^{i2θ}| / Σ r(θ)
  ///
  /// None of a silent unit, or where the sum is not positive, which takes
  /// negative responses.
  std::optional<double> gosi;
  /// Of the responses to all gratings (eq. 4); none where they are all equal.
  std::optional<double> skewness;
};

/// Of finite responses, one to each grating, by their index.
Tuning measureTuning(std::span<const double> responses);

} // namespace dale::runtime

#endif // DALE_RUNTIME_ANALYSIS_TUNING_H
