//===- OffsetPlannerTest.cpp - Tests of the places of buffers -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/OffsetPlanner.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace dale;

namespace {

struct Buffer {
  int64_t bytes, begin, end;

  int64_t aligned() const {
    int64_t a = OffsetPlanner::alignment;
    return (bytes + a - 1) / a * a;
  }
  bool livesWith(const Buffer &other) const {
    return begin <= other.end && other.begin <= end;
  }
};

struct Plan {
  std::vector<int64_t> offsets;
  int64_t total;
};

Plan plan(const std::vector<Buffer> &buffers) {
  OffsetPlanner planner;
  for (size_t i = 0; i < buffers.size(); ++i)
    EXPECT_EQ(planner.add(buffers[i].bytes, buffers[i].begin, buffers[i].end),
              i);
  Plan result;
  result.total = planner.plan();
  for (size_t i = 0; i < buffers.size(); ++i)
    result.offsets.push_back(planner.getOffset(i));
  return result;
}

/// What every plan must keep to.
void check(const std::vector<Buffer> &buffers, const Plan &plan) {
  int64_t sum = 0, last = 0, end = 0;
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_GE(plan.offsets[i], 0);
    EXPECT_EQ(plan.offsets[i] % OffsetPlanner::alignment, 0);
    for (size_t j = 0; j < i; ++j) {
      if (!buffers[i].livesWith(buffers[j]))
        continue;
      EXPECT_TRUE(plan.offsets[i] + buffers[i].bytes <= plan.offsets[j] ||
                  plan.offsets[j] + buffers[j].bytes <= plan.offsets[i])
          << "buffers " << i << " and " << j << " live together and overlap";
    }
    sum += buffers[i].aligned();
    last = std::max(last, plan.offsets[i] + buffers[i].aligned());
    end = std::max(end, buffers[i].end);
  }
  EXPECT_EQ(plan.total, last);
  EXPECT_LE(plan.total, sum);
  // Never less than what lives at one time.
  for (int64_t time = -1; time <= end; ++time) {
    int64_t alive = 0;
    for (const Buffer &buffer : buffers)
      if (buffer.begin <= time && time <= buffer.end)
        alive += buffer.aligned();
    EXPECT_GE(plan.total, alive);
  }
}

} // namespace

TEST(OffsetPlanner, PlacesNothing) { EXPECT_EQ(OffsetPlanner().plan(), 0); }

TEST(OffsetPlanner, RoundsSizesUp) {
  EXPECT_EQ(plan({{1, 0, 0}}).total, 64);
  EXPECT_EQ(plan({{64, 0, 0}}).total, 64);
  EXPECT_EQ(plan({{65, 0, 0}}).total, 128);
}

TEST(OffsetPlanner, UsesAPlaceAgain) {
  // A chain: each lives with the next one only.
  std::vector<Buffer> chain;
  for (int64_t i = 0; i < 10; ++i)
    chain.push_back({256, i, i + 1});
  Plan places = plan(chain);
  check(chain, places);
  EXPECT_EQ(places.total, 512);
}

TEST(OffsetPlanner, BothEndsAreLived) {
  // What is written where another is read for the last time is not in its
  // place.
  EXPECT_EQ(plan({{64, 0, 1}, {64, 1, 2}}).total, 128);
  EXPECT_EQ(plan({{64, 1, 2}, {64, 0, 1}}).total, 128);
  EXPECT_EQ(plan({{64, 0, 1}, {64, 2, 3}}).total, 64);
}

TEST(OffsetPlanner, FillsGaps) {
  // The small buffer fits where the second large one was, beside the first.
  std::vector<Buffer> buffers = {{512, 0, 3}, {256, 0, 1}, {128, 2, 3}};
  Plan places = plan(buffers);
  check(buffers, places);
  EXPECT_EQ(places.total, 768);
  EXPECT_EQ(places.offsets[2], places.offsets[1]);
}

TEST(OffsetPlanner, LeavesOutWhatHasNoRoom) {
  OffsetPlanner planner;
  unsigned first = planner.add(128, 0, 3);
  unsigned second = planner.add(256, 0, 1); // beside the first: 384
  unsigned third = planner.add(100, 1, 2);  // beside the first: 256
  unsigned fourth = planner.add(64, 2, 2);  // behind the third: 320
  unsigned fifth = planner.add(256, 4, 5);  // alone
  EXPECT_EQ(planner.planWithin(256), 256);
  for (unsigned placed : {first, third, fifth})
    EXPECT_TRUE(planner.isPlaced(placed)) << placed;
  for (unsigned left : {second, fourth})
    EXPECT_FALSE(planner.isPlaced(left)) << left;
  EXPECT_EQ(planner.getOffset(first), 0);
  EXPECT_EQ(planner.getOffset(third), 128);
  EXPECT_EQ(planner.getOffset(fifth), 0);
}

TEST(OffsetPlanner, RandomBuffers) {
  std::mt19937 random(0);
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<Buffer> buffers(draw(1, 60));
    for (Buffer &buffer : buffers) {
      buffer.bytes = draw(0, 3) ? draw(1, 5000) : 64 * draw(1, 8);
      buffer.begin = draw(-1, 30);
      buffer.end = buffer.begin + draw(0, 12);
    }
    Plan places = plan(buffers);
    check(buffers, places);
    // The same buffers always have the same places.
    EXPECT_EQ(plan(buffers).offsets, places.offsets);
    if (HasFailure())
      FAIL() << "in round " << round;
  }
}
