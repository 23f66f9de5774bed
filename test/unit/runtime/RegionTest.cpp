//===- RegionTest.cpp - Tests of crops and resizing -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/Region.h"
#include "runtime/data/Resample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

using namespace dale::runtime;

namespace {

//===----------------------------------------------------------------------===//
// Regions
//===----------------------------------------------------------------------===//

/// How often each quarter of [low, high] is met.
class Quarters {
public:
  Quarters(double low, double high) : low(low), high(high) {}

  void add(double value) {
    // Whole pixels may lie a little outside.
    EXPECT_GT(value, low - 0.01 * (high - low));
    EXPECT_LT(value, high + 0.01 * (high - low));
    double place = std::clamp((value - low) / (high - low), 0.0, 0.999999);
    ++counts[static_cast<size_t>(4 * place)];
  }

  void expectUniform(int all) const {
    for (int count : counts)
      EXPECT_NEAR(count, all / 4.0, 5 * std::sqrt(all * 3.0 / 16));
  }

private:
  double low, high;
  std::array<int, 4> counts{};
};

// With these bounds every crop fits, so that none is drawn again.
TEST(DrawRegion, IsUniformWithinItsBounds) {
  CropBounds bounds{0.08, 0.5, 3.0 / 4, 4.0 / 3};
  PixelSize image{3000, 3100};
  constexpr int draws = 20000;
  Quarters area(0.08, 0.5), aspect(std::log(3.0 / 4), std::log(4.0 / 3));
  Quarters top(0, 1), left(0, 1);
  for (int i = 0; i < draws; ++i) {
    RandomSequence random(3, RandomStream::AreaCrop, static_cast<uint64_t>(i));
    Region region = drawRegion(bounds, image, random);
    area.add(region.height * region.width / (3000.0 * 3100));
    aspect.add(std::log(region.width / region.height));
    top.add(region.top / (3000 - region.height));
    left.add(region.left / (3100 - region.width));
  }
  area.expectUniform(draws);
  aspect.expectUniform(draws);
  top.expectUniform(draws);
  left.expectUniform(draws);
}

TEST(DrawRegion, StaysWithinTheImage) {
  CropBounds bounds{0.08, 1, 3.0 / 4, 4.0 / 3};
  for (PixelSize image : {PixelSize{1, 1}, {2, 7}, {40, 30}, {500, 333}})
    for (uint64_t i = 0; i < 500; ++i) {
      RandomSequence random(3, RandomStream::AreaCrop, i);
      Region region = drawRegion(bounds, image, random);
      EXPECT_GE(region.top, 0);
      EXPECT_GE(region.left, 0);
      EXPECT_GE(region.height, 1);
      EXPECT_GE(region.width, 1);
      EXPECT_LE(region.top + region.height, static_cast<double>(image.height));
      EXPECT_LE(region.left + region.width, static_cast<double>(image.width));
    }
}

// No crop of all of the area has an aspect that is allowed.
TEST(DrawRegion, TakesTheLargestWhereNoneFits) {
  CropBounds bounds{1, 1, 3.0 / 4, 4.0 / 3};
  RandomSequence random(3, RandomStream::AreaCrop, 0);
  Region wide = drawRegion(bounds, {30, 1000}, random);
  EXPECT_EQ(wide.height, 30);
  EXPECT_EQ(wide.width, 40);
  EXPECT_EQ(wide.left, 480);
  EXPECT_EQ(wide.top, 0);
  Region tall = drawRegion(bounds, {1000, 30}, random);
  EXPECT_EQ(tall.height, 40);
  EXPECT_EQ(tall.width, 30);
  EXPECT_EQ(tall.top, 480);
}

TEST(CentralRegion, CutsTheCentreOfAResizedImage) {
  // 288 x 400 becomes 144 x 200, of which 128 x 128 is 256 x 256 pixels here.
  Region region = centralRegion({288, 400}, {128, 128}, 144);
  EXPECT_DOUBLE_EQ(region.height, 256);
  EXPECT_DOUBLE_EQ(region.width, 256);
  EXPECT_DOUBLE_EQ(region.top, 16);
  EXPECT_DOUBLE_EQ(region.left, 72);
  region = centralRegion({32, 32}, {32, 32}, 32);
  EXPECT_DOUBLE_EQ(region.top, 0);
  EXPECT_DOUBLE_EQ(region.width, 32);
}

//===----------------------------------------------------------------------===//
// Resizing
//===----------------------------------------------------------------------===//

std::vector<uint8_t> resized(const std::vector<uint8_t> &pixels, PixelSize size,
                             const Region &region, PixelSize to,
                             int64_t channels = 1) {
  std::vector<uint8_t> result(
      static_cast<size_t>(to.height * to.width * channels));
  resample(pixels.data(), size, channels, region, to, result.data());
  return result;
}

TEST(Resample, LeavesAnImageOfTheSameSize) {
  std::vector<uint8_t> pixels;
  for (int i = 0; i < 5 * 7 * 3; ++i)
    pixels.push_back(static_cast<uint8_t>(i * 89));
  PixelSize size{5, 7};
  EXPECT_EQ(resized(pixels, size, Region{0, 0, 5, 7}, size, 3), pixels);
}

TEST(Resample, LeavesWhatIsPlain) {
  std::vector<uint8_t> pixels(40 * 30, 173);
  for (PixelSize to : {PixelSize{7, 9}, {30, 40}, {97, 13}})
    EXPECT_EQ(
        resized(pixels, {40, 30}, {3.3, 4.1, 22.7, 19.9}, to),
        std::vector<uint8_t>(static_cast<size_t>(to.height * to.width), 173));
}

// Half as large, a triangle over four pixels: 1/8, 3/8, 3/8 and 1/8.
TEST(Resample, ShrinksWithATriangle) {
  std::vector<uint8_t> row(12, 0);
  row[4] = 240;
  EXPECT_EQ(resized(row, {1, 12}, {0, 0, 1, 12}, {1, 6}),
            (std::vector<uint8_t>{0, 30, 90, 0, 0, 0}));
  EXPECT_EQ(resized(row, {12, 1}, {0, 0, 12, 1}, {6, 1}),
            (std::vector<uint8_t>{0, 30, 90, 0, 0, 0}));
}

// Twice as large: between two pixels at a quarter and three of the way.
TEST(Resample, GrowsBilinearly) {
  EXPECT_EQ(resized({0, 100, 200}, {1, 3}, {0, 0, 1, 3}, {1, 6}),
            (std::vector<uint8_t>{0, 25, 75, 125, 175, 200}));
}

// A ramp stays one, with the slope of the reduction and the offset of the crop.
TEST(Resample, TakesARegionOfARamp) {
  std::vector<uint8_t> row;
  for (int i = 0; i < 120; ++i)
    row.push_back(static_cast<uint8_t>(2 * i));
  std::vector<uint8_t> part = resized(row, {1, 120}, {0, 30, 1, 60}, {1, 20});
  for (int i = 0; i < 20; ++i)
    EXPECT_NEAR(part[i], 2 * (30 + 3 * (i + 0.5) - 0.5), 0.51) << i;
  part = resized(row, {1, 120}, {0, 30.5, 1, 60}, {1, 20});
  for (int i = 0; i < 20; ++i)
    EXPECT_NEAR(part[i], 2 * (30.5 + 3 * (i + 0.5) - 0.5), 0.51) << i;
}

} // namespace
