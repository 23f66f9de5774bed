//===- Images.h - Image files that tests write ------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_UNIT_RUNTIME_IMAGES_H
#define DALE_TEST_UNIT_RUNTIME_IMAGES_H

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace dale::runtime::test {

/// [height, width, channels]: 1 for grey, 3 for RGB, 4 for the inks of a JPEG
/// (255 is none, as Adobe writes them) or for RGB and alpha of a PNG.
struct TestImage {
  int height = 0, width = 0, channels = 3;
  std::vector<uint8_t> pixels;
};

/// All pixels alike.
TestImage plainImage(int height, int width, const std::vector<uint8_t> &pixel);

/// Shades of grey, by row and column.
TestImage grayImage(int height, int width,
                    const std::function<int(int, int)> &shade);

void writeJpeg(const std::filesystem::path &path, const TestImage &image);
void writePng(const std::filesystem::path &path, const TestImage &image);

/// train/ and val/ with `classes` folders, `train` and `val` images in each, of
/// different sizes. Every class has a colour of its own.
void writeImageFolders(const std::filesystem::path &folder, int classes,
                       int train, int val);

} // namespace dale::runtime::test

#endif // DALE_TEST_UNIT_RUNTIME_IMAGES_H
