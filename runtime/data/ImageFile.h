//===- ImageFile.h - JPEG and PNG files -------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a file is, its first bytes say, not its name: ImageNet has a PNG file
/// that is called .JPEG. Everything becomes RGB. An orientation in EXIF is
/// ignored.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DATA_IMAGEFILE_H
#define DALE_RUNTIME_DATA_IMAGEFILE_H

#include "runtime/data/Region.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dale::runtime {

/// RGB, [height, width, 3].
struct Picture {
  PixelSize size;
  std::vector<uint8_t> pixels;
};

/// Throws if what should be an image is there and no regular file.
void checkImageFile(const std::filesystem::path &path);

/// The bytes of a file that is not decoded yet.
class EncodedImage {
public:
  /// Reads the file and its header. Throws if it is neither JPEG nor PNG, or
  /// broken.
  explicit EncodedImage(std::filesystem::path path);

  PixelSize size() const { return pixelSize; }

  /// Decodes it at a 1st, 2nd, 4th or 8th of its size, rounded up, if it is a
  /// JPEG: that takes less time than to decode it whole. Other files come
  /// whole. Throws if data is missing or broken.
  Picture decode(int reduction = 1) const;

private:
  std::filesystem::path path;
  std::string bytes;
  bool isJpeg = false;
  PixelSize pixelSize;
};

/// \name The formats
/// A path is for messages.
/// @{
PixelSize readJpegSize(const std::filesystem::path &path,
                       const std::string &bytes);
Picture decodeJpeg(const std::filesystem::path &path, const std::string &bytes,
                   int reduction);
PixelSize readPngSize(const std::filesystem::path &path,
                      const std::string &bytes);
Picture decodePng(const std::filesystem::path &path, const std::string &bytes);
/// @}

} // namespace dale::runtime

#endif // DALE_RUNTIME_DATA_IMAGEFILE_H
