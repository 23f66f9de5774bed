//===- MatrixUnit.h - Products as a warp computes them ------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The instructions `mma.sync.m16n8k8` for TF32 and `mma.sync.m16n8k16` for
/// BF16, with f32 accumulators, after the PTX ISA ("Warp-level matrix
/// instructions", the fragments of mma.m16n8k8 and mma.m16n8k16).
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_EMULATED_MATRIXUNIT_H
#define DALE_RUNTIME_DEVICE_EMULATED_MATRIXUNIT_H

#include <cstdint>
#include <span>

namespace dale::runtime {

/// Threads of a warp.
inline constexpr int64_t warpSize = 32;

/// C += A · B for a tile of 16 rows, 8 columns and `depth` terms: 8 in TF32, 16
/// in BF16.
///
/// Each lane has depth / 2 elements of A, depth / 4 of B and 4 of C behind each
/// other, in the order of their registers, as f32; those of C are replaced.
/// Bits of a factor that the instruction does not look at are ignored.
void multiplyTile(std::span<float *const, warpSize> lanes, int64_t depth);

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_EMULATED_MATRIXUNIT_H
