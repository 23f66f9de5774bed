//===- ImageSet.h - Labelled images -----------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The images of training or of the test, however they are stored. All come in
/// one size, that of the circuit's input.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DATA_IMAGESET_H
#define DALE_RUNTIME_DATA_IMAGESET_H

#include "runtime/data/Region.h"
#include "runtime/device/Buffer.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace dale::runtime {

/// Says which part of an image of a size is to be shown.
using ChooseRegion = std::function<Region(PixelSize)>;

class ImageSet {
public:
  ImageSet(PixelSize size, int64_t channels, std::vector<int32_t> labels)
      : size(size), channelCount(channels), labels(std::move(labels)) {}
  virtual ~ImageSet() = default;

  int64_t count() const { return static_cast<int64_t>(labels.size()); }
  int64_t height() const { return size.height; }
  int64_t width() const { return size.width; }
  int64_t channels() const { return channelCount; }
  int64_t imageBytes() const { return size.height * size.width * channelCount; }
  int32_t label(int64_t index) const { return labels[index]; }

  /// Keeps the first `limit` images.
  void truncate(int64_t limit);

  /// Writes an image, [height, width, channels]: the part that `choose` says,
  /// resized, or without it all that the set shows of an image. Called from
  /// many threads at once. Throws if the image cannot be read.
  virtual void read(int64_t index, const ChooseRegion &choose,
                    uint8_t *bytes) const = 0;

  /// All images as read() shows them without a choice, one after another,
  /// [count, height, width, channels], where the set has them in memory;
  /// otherwise nothing.
  virtual std::span<const uint8_t> bytes() const { return {}; }

protected:
  const PixelSize size;

private:
  const int64_t channelCount;
  std::vector<int32_t> labels;
};

/// Images of one size, [count, height, width, channels], and their labels, as
/// the readers of formats fill it.
struct ImageBlock {
  int64_t count = 0;
  int64_t height = 0, width = 0, channels = 0;
  std::vector<uint8_t> images;
  std::vector<int32_t> labels;

  int64_t imageBytes() const { return height * width * channels; }
};

/// Images that are in memory, as they are.
class MemoryImages : public ImageSet {
public:
  explicit MemoryImages(ImageBlock block);

  void read(int64_t index, const ChooseRegion &choose,
            uint8_t *bytes) const override;
  std::span<const uint8_t> bytes() const override;

private:
  /// Aligned, for generated code to read.
  Buffer images;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DATA_IMAGESET_H
