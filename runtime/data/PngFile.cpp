//===- PngFile.cpp - PNG files --------------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Error.h"
#include "runtime/data/ImageFile.h"

#include <png.h>

using namespace dale::runtime;
namespace fs = std::filesystem;

namespace {
/// libpng's simplified interface.
class PngReader {
public:
  PngReader(const fs::path &path, const std::string &bytes)
      : path(path), bytes(bytes) {
    image.version = PNG_IMAGE_VERSION;
    check(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()));
  }
  PngReader(const PngReader &) = delete;
  PngReader &operator=(const PngReader &) = delete;
  ~PngReader() { png_image_free(&image); }

  PixelSize size() const { return {image.height, image.width}; }

  void read(uint8_t *pixels) {
    image.format = PNG_FORMAT_RGB;
    // What is transparent shows black.
    png_color background = {0, 0, 0};
    check(png_image_finish_read(&image, &background, pixels, 0, nullptr));
  }

private:
  void check(int done) {
    if (!done)
      fail("{}: is a broken PNG file of {} bytes: {}; copy the file again",
           path.string(), bytes.size(), image.message);
  }

  const fs::path &path;
  const std::string &bytes;
  png_image image{};
};
} // namespace

PixelSize dale::runtime::readPngSize(const fs::path &path,
                                     const std::string &bytes) {
  return PngReader(path, bytes).size();
}

Picture dale::runtime::decodePng(const fs::path &path,
                                 const std::string &bytes) {
  PngReader reader(path, bytes);
  Picture picture;
  picture.size = reader.size();
  picture.pixels.resize(
      static_cast<size_t>(picture.size.height * picture.size.width * 3));
  reader.read(picture.pixels.data());
  return picture;
}
