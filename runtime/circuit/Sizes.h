//===- Sizes.h - Sizes that cannot overflow ---------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Arithmetic on sizes, which are never negative. What 64 bits cannot hold
/// stays the largest number: no machine has as much memory, and whoever
/// allocates says so.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CIRCUIT_SIZES_H
#define DALE_RUNTIME_CIRCUIT_SIZES_H

#include <cstdint>

namespace dale::runtime {

constexpr int64_t sizeProduct(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

constexpr int64_t sizeSum(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/// The next multiple of `unit`, or the last one that there is.
constexpr int64_t roundedUp(int64_t size, int64_t unit) {
  return sizeSum(size, unit - 1) / unit * unit;
}

} // namespace dale::runtime

#endif // DALE_RUNTIME_CIRCUIT_SIZES_H
