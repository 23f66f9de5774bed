//===- CropBounds.h - What a random crop may be -----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CIRCUIT_CROPBOUNDS_H
#define DALE_RUNTIME_CIRCUIT_CROPBOUNDS_H

namespace dale::runtime {

/// What a random crop may be: of which share of the image's area, and of which
/// aspect (width through height).
struct CropBounds {
  double minArea = 1, maxArea = 1;
  double minAspect = 1, maxAspect = 1;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_CIRCUIT_CROPBOUNDS_H
