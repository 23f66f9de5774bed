//===- Region.h - Which part of an image is shown ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Images that have sizes of their own are shown to a circuit through a window:
/// a rectangle of the image, which is then resized to the circuit's input.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DATA_REGION_H
#define DALE_RUNTIME_DATA_REGION_H

#include "runtime/circuit/CropBounds.h"
#include "runtime/random/Philox.h"

#include <cstdint>

namespace dale::runtime {

struct PixelSize {
  int64_t height = 0, width = 0;
};

/// A rectangle of an image, in its pixels. It may cut through them.
struct Region {
  double top = 0, left = 0, height = 0, width = 0;
};

/// A random crop: its share of the area is uniform, its aspect log-uniform, its
/// place uniform on whole pixels. One that does not fit into the image is drawn
/// again; after ten of them it is the largest central one with an aspect that
/// is allowed.
Region drawRegion(const CropBounds &bounds, PixelSize image,
                  RandomSequence &random);

/// What stays of an image whose shorter side is resized to `resize` pixels, and
/// of which the central `to` is then cut out.
Region centralRegion(PixelSize image, PixelSize to, int64_t resize);

} // namespace dale::runtime

#endif // DALE_RUNTIME_DATA_REGION_H
