//===- PhiloxTest.cpp - Tests of the random generator ---------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/random/Philox.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

using namespace dale::runtime;

namespace {

// The known answers that come with the authors' Random123 library.
TEST(Philox, MatchesThePublishedVectors) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (PhiloxWords{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
                       {0xffffffff, 0xffffffff}),
            (PhiloxWords{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                       {0xa4093822, 0x299f31d0}),
            (PhiloxWords{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, ASequenceIsItsBlocksInOrder) {
  RandomSequence sequence(0x123456789abcdef0, RandomStream::Shuffle,
                          1ull << 40);
  for (uint32_t block = 0; block < 3; ++block) {
    PhiloxWords words = randomBlock(0x123456789abcdef0, RandomStream::Shuffle,
                                    1ull << 40, block);
    for (uint32_t word : words)
      EXPECT_EQ(sequence.word(), word);
  }
}

TEST(Philox, SeedStreamAndPlaceEachChangeTheNumbers) {
  std::set<uint32_t> firsts;
  for (uint64_t seed : {0ull, 1ull, 1ull << 32})
    for (RandomStream stream : {RandomStream::Weights, RandomStream::Shuffle,
                                RandomStream::Augmentation})
      for (uint64_t place : {0ull, 1ull, 1ull << 32})
        firsts.insert(RandomSequence(seed, stream, place).word());
  EXPECT_EQ(firsts.size(), 27u);
}

TEST(Philox, UniformNumbersFillTheUnitInterval) {
  RandomSequence random(3, RandomStream::Weights, 0);
  double sum = 0, squares = 0, least = 1, most = 0;
  constexpr int count = 100000;
  for (int i = 0; i < count; ++i) {
    double value = random.uniform();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
    squares += value * value;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  // Five standard errors.
  EXPECT_NEAR(sum / count, 0.5, 5 * std::sqrt(1.0 / 12 / count));
  EXPECT_NEAR(squares / count, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / count));
  EXPECT_LT(least, 0.001);
  EXPECT_GT(most, 0.999);
}

TEST(Philox, NormalNumbersHaveTheRightMoments) {
  RandomSequence random(4, RandomStream::Weights, 0);
  double sum = 0, squares = 0, fourth = 0;
  constexpr int count = 100000;
  for (int i = 0; i < count; ++i) {
    double value = random.normal();
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
  }
  EXPECT_NEAR(sum / count, 0, 5 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1, 5 * std::sqrt(2.0 / count));
  EXPECT_NEAR(fourth / count, 3, 5 * std::sqrt(96.0 / count));
}

TEST(Philox, BoundedNumbersAreAllEquallyFrequent) {
  RandomSequence random(5, RandomStream::Shuffle, 0);
  std::map<uint32_t, int> counts;
  constexpr int count = 70000;
  for (int i = 0; i < count; ++i)
    ++counts[random.below(7)];
  ASSERT_EQ(counts.size(), 7u);
  ASSERT_EQ(counts.rbegin()->first, 6u);
  for (auto [value, times] : counts)
    EXPECT_NEAR(times, count / 7, 5 * std::sqrt(count / 7.0)) << value;
}

// Close to 2^32 most biased methods show: a third of the words is refused.
TEST(Philox, LargeBoundsAreUnbiased) {
  RandomSequence random(6, RandomStream::Shuffle, 0);
  constexpr uint32_t bound = 3u << 30;
  int low = 0;
  constexpr int count = 30000;
  for (int i = 0; i < count; ++i) {
    uint32_t value = random.below(bound);
    ASSERT_LT(value, bound);
    low += value < bound / 2;
  }
  EXPECT_NEAR(low, count / 2, 5 * std::sqrt(count / 4.0));
}

} // namespace
