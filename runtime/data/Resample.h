//===- Resample.h - Part of an image at another size ------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DATA_RESAMPLE_H
#define DALE_RUNTIME_DATA_RESAMPLE_H

#include "runtime/data/Region.h"

namespace dale::runtime {

/// Writes a region of an image, [height, width, channels], at size `to`.
/// Bilinear where it grows; where it shrinks, the triangle spans as many pixels
/// as become one, so that nothing is skipped. Behind the image's edge its last
/// pixels go on.
void resample(const uint8_t *pixels, PixelSize size, int64_t channels,
              const Region &region, PixelSize to, uint8_t *result);

} // namespace dale::runtime

#endif // DALE_RUNTIME_DATA_RESAMPLE_H
