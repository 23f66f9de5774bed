//===- Warp.h - The threads that a GPU runs together ----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_GPU_WARP_H
#define DALE_COMPILER_LOWER_GPU_WARP_H

#include <cstdint>

namespace dale {

/// Threads of a warp, on every NVIDIA GPU.
inline constexpr int64_t warpSize = 32;

/// Bytes of all 32 banks of shared memory, four each: addresses so far apart
/// are in the same one.
inline constexpr int64_t allBanks = 128;

/// Bytes by which rows of factors that all would begin at one bank are longer:
/// as many as a group of lanes reads of a row at a time.
inline constexpr int64_t rowPadding = 32;

} // namespace dale

#endif // DALE_COMPILER_LOWER_GPU_WARP_H
