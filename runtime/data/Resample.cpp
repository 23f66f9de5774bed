//===- Resample.cpp - Part of an image at another size --------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/Resample.h"

#include "runtime/Error.h"

#include <algorithm>
#include <cstring>

#define STB_IMAGE_RESIZE_STATIC
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include <stb/stb_image_resize.h>

using namespace dale::runtime;

void dale::runtime::resample(const uint8_t *pixels, PixelSize size,
                             int64_t channels, const Region &region,
                             PixelSize to, uint8_t *result) {
  auto share = [](double place, int64_t of) {
    return static_cast<float>(
        std::clamp(place / static_cast<double>(of), 0.0, 1.0));
  };
  auto whole = [](int64_t number) { return static_cast<int>(number); };
  int done = stbir_resize_region(
      pixels, whole(size.width), whole(size.height), 0, result, whole(to.width),
      whole(to.height), 0, STBIR_TYPE_UINT8, whole(channels),
      STBIR_ALPHA_CHANNEL_NONE, 0, STBIR_EDGE_CLAMP, STBIR_EDGE_CLAMP,
      STBIR_FILTER_TRIANGLE, STBIR_FILTER_TRIANGLE, STBIR_COLORSPACE_LINEAR,
      nullptr, share(region.left, size.width), share(region.top, size.height),
      share(region.left + region.width, size.width),
      share(region.top + region.height, size.height));
  if (!done)
    fail("no memory to resize an image of {} x {} pixels; close other programs",
         size.height, size.width);
}
