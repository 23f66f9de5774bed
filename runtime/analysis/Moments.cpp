//===- Moments.cpp - Moments of numbers in passing ------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/analysis/Moments.h"

#include <cmath>

using namespace dale::runtime;

void Moments::add(double value) {
  double before = static_cast<double>(number);
  ++number;
  double count = static_cast<double>(number);
  double delta = value - first, part = delta / count;
  double square = delta * (part * before);
  first += part;
  third += square * part * (count - 2) - 3 * part * second;
  second += square;
}

std::optional<double> Moments::skewness() const {
  double count = static_cast<double>(number);
  double scale = number > 0 ? std::pow(second / count, 1.5) : 0;
  if (scale == 0)
    return std::nullopt;
  return third / count / scale;
}
