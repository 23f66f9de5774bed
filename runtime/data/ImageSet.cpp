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

MemoryImages::MemoryImages(ImageBlock block)
    : ImageSet({block.height, block.width}, block.channels,
               std::move(block.labels)),
      images(Buffer::uninitialized(static_cast<int64_t>(block.images.size()),
                                   "the data set")) {
  std::memcpy(images.data(), block.images.data(), block.images.size());
}

std::span<const uint8_t> MemoryImages::bytes() const {
  return images.as<uint8_t>().first(
      static_cast<size_t>(count() * imageBytes()));
}

void MemoryImages::read(int64_t index, const ChooseRegion &choose,
                        uint8_t *bytes) const {
  const uint8_t *image = images.as<uint8_t>().data() + index * imageBytes();
  if (choose)
    resample(image, size, channels(), choose(size), size, bytes);
  else
    std::memcpy(bytes, image, static_cast<size_t>(imageBytes()));
}
