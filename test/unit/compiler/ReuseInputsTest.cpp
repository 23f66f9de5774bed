//===- ReuseInputsTest.cpp - Tests of results in places of inputs -*- C++
//-*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ReuseInputs.h"
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace dale;

namespace {

std::vector<StoredMap> reused(std::vector<StoredMap> maps) {
  reuseInputs(maps);
  return maps;
}

/// Bytes that live during a call.
int64_t live(const std::vector<StoredMap> &maps, int64_t call) {
  int64_t bytes = 0;
  llvm::SmallVector<std::optional<int64_t>> ends = getPlaceEnds(maps);
  for (size_t i = 0; i < maps.size(); ++i)
    if (ends[i] && maps[i].begin <= call && call <= *ends[i])
      bytes += maps[i].bytes;
  return bytes;
}

int64_t peak(const std::vector<StoredMap> &maps) {
  int64_t most = 0;
  for (int64_t call = 0; call < 40; ++call)
    most = std::max(most, live(maps, call));
  return most;
}

} // namespace

TEST(ReuseInputs, NothingToReuse) {
  EXPECT_TRUE(reused({}).empty());
  // Another size; an input that is needed later; an input of another call.
  for (StoredMap other :
       {StoredMap{32, 0, 1, {}}, {64, 0, 2, {}}, {64, 0, 0, {}}})
    EXPECT_FALSE(reused({other, {64, 1, 2, {}}})[1].replaces) << other.end;
}

TEST(ReuseInputs, AChainHasOnePlace) {
  auto maps = reused({{64, 0, 1, {}}, {64, 1, 2, {}}, {64, 2, 3, {}}});
  EXPECT_FALSE(maps[0].replaces);
  EXPECT_EQ(maps[1].replaces, 0U);
  EXPECT_EQ(maps[2].replaces, 1U);
  auto ends = getPlaceEnds(maps);
  EXPECT_EQ(ends[0], 3);
  EXPECT_FALSE(ends[1] || ends[2]);
  EXPECT_EQ(peak(maps), 64);
}

TEST(ReuseInputs, OnlyWhereMostLives) {
  // 300 bytes at call 5, whatever is done at call 1, where there are 128.
  auto maps = reused({{64, 0, 1, {}}, {64, 1, 2, {}}, {300, 5, 6, {}}});
  EXPECT_FALSE(maps[1].replaces);
}

TEST(ReuseInputs, AnInputHasOneSuccessor) {
  auto maps = reused({{64, 0, 1, {}}, {64, 1, 2, {}}, {64, 1, 2, {}}});
  EXPECT_NE(maps[1].replaces.has_value(), maps[2].replaces.has_value());
}

TEST(ReuseInputs, RandomMaps) {
  std::mt19937 random(0);
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<StoredMap> before(draw(1, 60));
    for (StoredMap &map : before) {
      map.bytes = 64 * draw(1, 3);
      map.begin = draw(0, 20);
      map.end = map.begin + draw(0, 10);
    }
    std::vector<StoredMap> after = reused(before);
    std::vector<int> successors(after.size(), 0);
    for (const StoredMap &map : after)
      if (map.replaces) {
        const StoredMap &input = after[*map.replaces];
        EXPECT_EQ(input.bytes, map.bytes);
        EXPECT_EQ(input.end, map.begin);
        EXPECT_LT(input.begin, map.begin);
        EXPECT_EQ(++successors[*map.replaces], 1);
      }
    // Never more than before, at any time.
    for (int64_t call = 0; call < 40; ++call)
      EXPECT_LE(live(after, call), live(before, call));
    EXPECT_LE(peak(after), peak(before));
    if (HasFailure())
      FAIL() << "in round " << round;
  }
}
