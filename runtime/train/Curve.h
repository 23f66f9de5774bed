//===- Curve.h - A curve drawn with letters ---------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A small plot for the end of a training run.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_CURVE_H
#define DALE_RUNTIME_TRAIN_CURVE_H

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dale::runtime {

/// Draws points (epoch, fraction) as columns of at most `width` characters,
/// with percentages at the left and epochs below. Where there are more points
/// than columns, a column shows the mean of its points. An empty string for
/// fewer than two points.
std::string drawCurve(const std::vector<std::pair<int64_t, double>> &points,
                      int width, bool unicode);

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_CURVE_H
