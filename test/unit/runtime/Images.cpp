//===- Images.cpp - Image files that tests write --------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Images.h"

#include "runtime/Error.h"

#include <cstdio>

#include <jpeglib.h>
#include <png.h>

namespace fs = std::filesystem;

namespace dale::runtime::test {

TestImage plainImage(int height, int width, const std::vector<uint8_t> &pixel) {
  TestImage image{height, width, static_cast<int>(pixel.size()), {}};
  for (int i = 0; i < height * width; ++i)
    image.pixels.insert(image.pixels.end(), pixel.begin(), pixel.end());
  return image;
}

TestImage grayImage(int height, int width,
                    const std::function<int(int, int)> &shade) {
  TestImage image{height, width, 1, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      image.pixels.push_back(static_cast<uint8_t>(shade(y, x)));
  return image;
}

void writeJpeg(const fs::path &path, const TestImage &image) {
  std::FILE *file = std::fopen(path.c_str(), "wb");
  if (!file)
    fail("{}: cannot be written", path.string());
  jpeg_compress_struct info{};
  jpeg_error_mgr handler{};
  info.err = jpeg_std_error(&handler);
  jpeg_create_compress(&info);
  jpeg_stdio_dest(&info, file);
  info.image_height = static_cast<unsigned>(image.height);
  info.image_width = static_cast<unsigned>(image.width);
  info.input_components = image.channels;
  info.in_color_space = image.channels == 1   ? JCS_GRAYSCALE
                        : image.channels == 3 ? JCS_RGB
                                              : JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, /*force_baseline=*/TRUE);
  jpeg_start_compress(&info, /*write_all_tables=*/TRUE);
  std::vector<uint8_t> pixels = image.pixels;
  while (info.next_scanline < info.image_height) {
    JSAMPROW row =
        pixels.data() + info.next_scanline * image.width * image.channels;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::fclose(file);
}

void writePng(const fs::path &path, const TestImage &image) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.height = static_cast<unsigned>(image.height);
  header.width = static_cast<unsigned>(image.width);
  header.format = image.channels == 1   ? PNG_FORMAT_GRAY
                  : image.channels == 3 ? PNG_FORMAT_RGB
                                        : PNG_FORMAT_RGBA;
  if (!png_image_write_to_file(&header, path.c_str(), 0, image.pixels.data(), 0,
                               nullptr))
    fail("{}: cannot be written: {}", path.string(), header.message);
}

static void writeClass(const fs::path &folder, int number, int images) {
  fs::create_directories(folder);
  for (int i = 0; i < images; ++i) {
    auto value = [&](int weight) {
      return static_cast<uint8_t>((weight * number + 3 * i) % 256);
    };
    TestImage image = plainImage(20 + 3 * (i % 4), 18 + 5 * (i % 3),
                                 {value(60), value(130), value(200)});
    fs::path path = folder / ("image_" + std::to_string(i) + ".JPEG");
    // As ImageNet has it: one of them is a PNG file.
    if (number == 1 && i == 0)
      writePng(path, image);
    else
      writeJpeg(path, image);
  }
}

void writeImageFolders(const fs::path &folder, int classes, int train,
                       int val) {
  for (int number = 0; number < classes; ++number) {
    std::string name = "n0" + std::to_string(number);
    writeClass(folder / "train" / name, number, train);
    writeClass(folder / "val" / name, number, val);
  }
}

} // namespace dale::runtime::test
