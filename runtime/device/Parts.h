//===- Parts.h - Memory with a part for each network ------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where several networks are trained side by side, a buffer holds a part for
/// each, one behind the other, on the host and on the device alike.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_PARTS_H
#define DALE_RUNTIME_DEVICE_PARTS_H

#include "runtime/circuit/Sizes.h"

#include <algorithm>
#include <cstdint>

namespace dale::runtime {

/// Parts begin at multiples of this many bytes: as aligned as an allocation of
/// CUDA's, and no two in one line of a cache.
constexpr int64_t partAlignment = 256;

/// From one part of `bytes` to the next. Never 0: generated code may take the
/// address of an empty tensor.
constexpr int64_t partStride(int64_t bytes) {
  return roundedUp(std::max<int64_t>(bytes, 1), partAlignment);
}

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_PARTS_H
