//===- Connections.h - Weights between populations --------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How strongly the units of a projection are connected: the absolute values of
/// the weights that are applied, how many are above a threshold, and how their
/// logarithms are distributed.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_ANALYSIS_CONNECTIONS_H
#define DALE_RUNTIME_ANALYSIS_CONNECTIONS_H

#include "runtime/circuit/Circuit.h"
#include "runtime/device/Buffer.h"

#include <array>
#include <cstdint>
#include <vector>

namespace dale::runtime {

/// The kernel of a projection of a model as its constraint lets it through, a
/// separable one multiplied out, K = depthwise · pointwise: [k, k, Cin, Cout],
/// also of feedback, whose regular kernels are variables [k, k, Cout, Cin].
/// `parameters` is the model's, real [P].
std::vector<double> appliedKernel(const Circuit &circuit,
                                  const Buffer &parameters,
                                  const Projection &projection);

/// The absolute weights of a projection, with K its applied kernel: with
/// `average`
///
///     w[c, d] = 1/(k·k) Σ_{y,x} |K[y, x, c, d]|      [Cin · Cout]
///
/// without it all |K[y, x, c, d]|, [k · k · Cin · Cout].
std::vector<double> connectionWeights(const Circuit &circuit,
                                      const Buffer &parameters,
                                      const Projection &projection,
                                      bool average);

/// How many weights there are, and how many of them above a threshold.
struct Density {
  int64_t weights = 0, above = 0;

  static Density of(const std::vector<double> &weights, double threshold);

  /// The connection density, 0 to 1.
  double share() const {
    return static_cast<double>(above) / static_cast<double>(weights);
  }
  Density &operator+=(const Density &other);
};

/// A histogram of natural logarithms of weights. All have the same bins, so
/// that those of several networks can be added up.
struct LogHistogram {
  static constexpr double from = -40, width = 0.5;
  static constexpr size_t bins = 88;

  /// Bin i holds logarithms in [from + i · width, from + (i + 1) · width).
  std::array<int64_t, bins> counts{};
  /// Weights that are 0, and those that lie below and above all bins.
  int64_t zero = 0, below = 0, above = 0;

  static LogHistogram of(const std::vector<double> &weights);
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_ANALYSIS_CONNECTIONS_H
