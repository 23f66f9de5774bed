//===- ImageSet.cpp - Labelled images -------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/ImageSet.h"

#include "runtime/data/Resample.h"

#include <cstring>

using namespace dale::runtime;

void ImageSet::truncate(int64_t limit) {
  if (limit < count())
    labels.resize(static_cast<size_t>(limit));
}

void MemoryImages::read(int64_t index, const ChooseRegion &choose,
                        uint8_t *bytes) const {
  const uint8_t *image = images.data() + index * imageBytes();
  if (choose)
    resample(image, size, channels(), choose(size), size, bytes);
  else
    std::memcpy(bytes, image, static_cast<size_t>(imageBytes()));
}
