//===- ImageFileTest.cpp - Tests of decoding ------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/ImageFile.h"

#include "Images.h"
#include "Support.h"

#include <gtest/gtest.h>

using namespace dale::runtime;
using namespace dale::runtime::test;
namespace fs = std::filesystem;

namespace {

class ImageFileTest : public testing::Test {
protected:
  fs::path file(const char *name = "image.JPEG") const { return folder / name; }

  /// Expects that all pixels are within `tolerance` of this colour.
  void expectPlain(const std::vector<int> &colour, int tolerance) const {
    Picture picture = EncodedImage(file()).decode();
    ASSERT_EQ(
        picture.pixels.size(),
        static_cast<size_t>(picture.size.height * picture.size.width * 3));
    for (size_t i = 0; i < picture.pixels.size(); ++i)
      ASSERT_NEAR(picture.pixels[i], colour[i % 3], tolerance) << i;
  }

  TemporaryFolder folder;
};

TEST_F(ImageFileTest, DecodesColours) {
  writeJpeg(file(), plainImage(13, 21, {200, 50, 120}));
  EXPECT_EQ(EncodedImage(file()).size().height, 13);
  EXPECT_EQ(EncodedImage(file()).size().width, 21);
  expectPlain({200, 50, 120}, 2);
}

TEST_F(ImageFileTest, ShadesOfGreyBecomeColours) {
  writeJpeg(file(), plainImage(9, 5, {77}));
  expectPlain({77, 77, 77}, 1);
  writePng(file(), plainImage(9, 5, {77}));
  expectPlain({77, 77, 77}, 0);
}

TEST_F(ImageFileTest, InksBecomeColours) {
  writeJpeg(file(), plainImage(8, 8, {255, 255, 255, 255}));
  expectPlain({255, 255, 255}, 1);
  writeJpeg(file(), plainImage(8, 8, {255, 255, 255, 0}));
  expectPlain({0, 0, 0}, 1);
  writeJpeg(file(), plainImage(8, 8, {0, 255, 255, 255}));
  expectPlain({0, 255, 255}, 1);
  // Half of the light through the black, of which 3/5, 2/5 and all is left.
  writeJpeg(file(), plainImage(8, 8, {153, 102, 255, 128}));
  expectPlain({77, 51, 128}, 2);
}

// Adobe's marker says that inks are inverted; files without it mean it plainly.
TEST_F(ImageFileTest, InksWithoutAdobesMarkerAreNotInverted) {
  writeJpeg(file(), plainImage(8, 8, {0, 255, 255, 255}));
  std::string bytes = readFile(file());
  size_t marker = bytes.find("Adobe");
  ASSERT_NE(marker, bytes.npos);
  bytes[marker] = 'X';
  writeFile(file(), bytes);
  expectPlain({0, 0, 0}, 1);
  writeJpeg(file(), plainImage(8, 8, {0, 255, 0, 0}));
  bytes = readFile(file());
  bytes[bytes.find("Adobe")] = 'X';
  writeFile(file(), bytes);
  expectPlain({255, 0, 255}, 1);
}

TEST_F(ImageFileTest, TellsFormatsByTheirBytes) {
  writePng(file("image.JPEG"), plainImage(4, 6, {1, 2, 3}));
  expectPlain({1, 2, 3}, 0);
  writeJpeg(file("image.png"), plainImage(4, 6, {1, 2, 3}));
  EXPECT_EQ(EncodedImage(file("image.png")).decode().size.width, 6);
}

TEST_F(ImageFileTest, WhatIsTransparentIsBlack) {
  writePng(file(), plainImage(2, 2, {90, 80, 70, 0}));
  expectPlain({0, 0, 0}, 0);
  writePng(file(), plainImage(2, 2, {90, 80, 70, 255}));
  expectPlain({90, 80, 70}, 0);
}

TEST_F(ImageFileTest, DecodesAtReducedSizes) {
  // A ramp, whose averages are on the same ramp.
  writeJpeg(file(), grayImage(48, 64, [](int, int x) { return 3 * x; }));
  for (int reduction : {1, 2, 4, 8}) {
    Picture picture = EncodedImage(file()).decode(reduction);
    ASSERT_EQ(picture.size.height, 48 / reduction);
    ASSERT_EQ(picture.size.width, 64 / reduction);
    for (int x = 0; x < picture.size.width; ++x)
      EXPECT_NEAR(picture.pixels[3 * x], 3 * ((x + 0.5) * reduction - 0.5), 2);
  }
  writePng(file(), plainImage(48, 64, {5}));
  EXPECT_EQ(EncodedImage(file()).decode(8).size.width, 64);
}

TEST_F(ImageFileTest, RefusesAJpegThatIsCutOff) {
  writeJpeg(file(), grayImage(64, 64, [](int y, int x) {
              return (y * 37 + x * 91) % 256;
            }));
  std::string bytes = readFile(file());
  size_t half = bytes.size() / 2;
  writeFile(file(), bytes.substr(0, half));
  expectError([&] { EncodedImage(file()).decode(); },
              {file().string(), fmt::format("ends at byte {}", half),
               "after row ", "of 64", "copy the file again"});
  // Without the marker at the end, nobody knows whether it is all.
  writeFile(file(), bytes.substr(0, bytes.size() - 2));
  expectError([&] { EncodedImage(file()).decode(); },
              {fmt::format("ends at byte {}", bytes.size() - 2)});
  // Within the header, and with nothing at all.
  writeFile(file(), bytes.substr(0, 50));
  expectError([&] { EncodedImage image(file()); },
              {file().string(), "ends at byte 50"});
  writeFile(file(), "");
  expectError([&] { EncodedImage image(file()); },
              {file().string(), "begins with nothing"});
}

TEST_F(ImageFileTest, RefusesAJpegWithBrokenData) {
  writeJpeg(file(), grayImage(64, 64, [](int y, int x) {
              return (y * 37 + x * 91) % 256;
            }));
  std::string bytes = readFile(file());
  // A marker in the midst of the pixels.
  bytes[bytes.size() / 2] = '\xFF';
  bytes[bytes.size() / 2 + 1] = '\xC4';
  writeFile(file(), bytes);
  expectError([&] { EncodedImage(file()).decode(); },
              {file().string(), "broken JPEG file", "at about byte"});
}

// Some of ImageNet's files have bytes between segments; no pixel depends on
// them.
TEST_F(ImageFileTest, SkipsBytesBetweenSegments) {
  writeJpeg(file(), plainImage(8, 8, {200, 50, 120}));
  std::string bytes = readFile(file());
  size_t tables = bytes.find("\xFF\xDB");
  ASSERT_NE(tables, bytes.npos);
  bytes.insert(tables, 3, '\0');
  writeFile(file(), bytes);
  expectPlain({200, 50, 120}, 2);
}

TEST_F(ImageFileTest, RefusesABrokenPng) {
  writePng(file(), grayImage(64, 64, [](int y, int x) {
             return (y * 37 + x * 91) % 256;
           }));
  std::string bytes = readFile(file());
  size_t half = bytes.size() / 2;
  writeFile(file(), bytes.substr(0, half));
  expectError(
      [&] { EncodedImage(file()).decode(); },
      {file().string(), fmt::format("broken PNG file of {} bytes", half)});
  writeFile(file(), bytes.substr(0, 20));
  expectError([&] { EncodedImage image(file()); },
              {file().string(), "broken PNG file of 20 bytes"});
}

TEST_F(ImageFileTest, RefusesWhatIsNoImage) {
  writeFile(file(), "GIF89a");
  expectError([&] { EncodedImage image(file()); },
              {file().string(), "begins with 47 49 46 38", "JPEG", "PNG"});
  expectError([&] { EncodedImage image(folder / "none.JPEG"); },
              {"none.JPEG", "cannot be read"});
  fs::create_directory(folder / "folder.JPEG");
  expectError([&] { EncodedImage image(folder / "folder.JPEG"); },
              {"folder.JPEG", "is a folder: expected an image"});
}

} // namespace
