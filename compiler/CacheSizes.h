//===- CacheSizes.h - Caches of processors that are not known ---*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_CACHESIZES_H
#define DALE_COMPILER_CACHESIZES_H

#include <cstdint>

namespace dale {

/// Bytes of the first-level cache, and of a core's second-level cache, that all
/// processors with AVX2 or later have.
inline constexpr int64_t usualCacheBytes = 32 << 10;
inline constexpr int64_t usualSecondCacheBytes = 256 << 10;

} // namespace dale

#endif // DALE_COMPILER_CACHESIZES_H
