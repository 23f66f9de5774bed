//===- Region.cpp - Which part of an image is shown -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/Region.h"

#include <algorithm>
#include <cmath>

using namespace dale::runtime;

static Region central(PixelSize image, double height, double width) {
  return {(static_cast<double>(image.height) - height) / 2,
          (static_cast<double>(image.width) - width) / 2, height, width};
}

static double uniformIn(RandomSequence &random, double low, double high) {
  return low + (high - low) * random.uniform();
}

/// The largest central crop whose aspect is within bounds.
static Region largestCrop(const CropBounds &bounds, PixelSize image) {
  double height = static_cast<double>(image.height);
  double width = static_cast<double>(image.width);
  if (width < height * bounds.minAspect)
    height = std::max(1.0, std::round(width / bounds.minAspect));
  else if (width > height * bounds.maxAspect)
    width = std::max(1.0, std::round(height * bounds.maxAspect));
  return central(image, height, width);
}

Region dale::runtime::drawRegion(const CropBounds &bounds, PixelSize image,
                                 RandomSequence &random) {
  constexpr int tries = 10;
  double area = static_cast<double>(image.height * image.width);
  for (int i = 0; i < tries; ++i) {
    double share = uniformIn(random, bounds.minArea, bounds.maxArea);
    double aspect = std::exp(uniformIn(random, std::log(bounds.minAspect),
                                       std::log(bounds.maxAspect)));
    int64_t width = std::llround(std::sqrt(share * area * aspect));
    int64_t height = std::llround(std::sqrt(share * area / aspect));
    if (width < 1 || height < 1 || width > image.width || height > image.height)
      continue;
    auto place = [&](int64_t room) {
      return static_cast<double>(random.below(static_cast<uint32_t>(room) + 1));
    };
    double top = place(image.height - height);
    double left = place(image.width - width);
    return {top, left, static_cast<double>(height), static_cast<double>(width)};
  }
  return largestCrop(bounds, image);
}

Region dale::runtime::centralRegion(PixelSize image, PixelSize to,
                                    int64_t resize) {
  double scale = static_cast<double>(std::min(image.height, image.width)) /
                 static_cast<double>(resize);
  return central(image, static_cast<double>(to.height) * scale,
                 static_cast<double>(to.width) * scale);
}
