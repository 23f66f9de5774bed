//===- MatrixUnit.cpp - Products as a warp computes them ------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/emulated/MatrixUnit.h"

#include <bit>

using namespace dale::runtime;

static constexpr int64_t numRows = 16, numColumns = 8, mostTerms = 16;

/// A factor as the instruction sees it: TF32 is the upper 19 bits of f32, BF16
/// the upper 16.
static double factor(float value, int64_t depth) {
  uint32_t ignored = depth == 8 ? 0x1fff : 0xffff;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(value) & ~ignored);
}

void dale::runtime::multiplyTile(std::span<float *const, warpSize> lanes,
                                 int64_t depth) {
  // Terms that a register holds, and that the four lanes of a group hold so.
  int64_t packed = depth / 8, together = 4 * packed;
  double a[numRows][mostTerms], b[mostTerms][numColumns];
  for (int64_t lane = 0; lane < warpSize; ++lane) {
    int64_t group = lane / 4, number = lane % 4;
    const float *factors = lanes[lane];
    for (int64_t i = 0; i < depth / 2; ++i) {
      // Registers in turn: rows group and group + 8, then the later terms.
      int64_t reg = i / packed;
      a[group + 8 * (reg % 2)]
       [number * packed + i % packed + together * (reg / 2)] =
           factor(*factors++, depth);
    }
    for (int64_t i = 0; i < depth / 4; ++i)
      b[number * packed + i % packed + together * (i / packed)][group] =
          factor(*factors++, depth);
  }
  for (int64_t lane = 0; lane < warpSize; ++lane) {
    float *sums = lanes[lane] + depth / 2 + depth / 4;
    for (int64_t i = 0; i < 4; ++i) {
      int64_t row = lane / 4 + 8 * (i / 2), column = lane % 4 * 2 + i % 2;
      double sum = sums[i];
      for (int64_t term = 0; term < depth; ++term)
        sum += a[row][term] * b[term][column];
      sums[i] = static_cast<float>(sum);
    }
  }
}
