//===- BatchesTest.cpp - Tests of shuffling and augmentation --------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/Batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

using namespace dale::runtime;

namespace {

/// Images of 2x1 bytes: the image's number, and 100 more. Labels: the number.
ImageSet numbered(int64_t count) {
  ImageSet set;
  set.count = count;
  set.height = 2;
  set.width = set.channels = 1;
  for (int64_t i = 0; i < count; ++i) {
    set.images.push_back(static_cast<uint8_t>(i));
    set.images.push_back(static_cast<uint8_t>(100 + i));
    set.labels.push_back(static_cast<int32_t>(i));
  }
  return set;
}

Circuit smallCircuit() {
  Circuit circuit;
  circuit.height = 2;
  circuit.width = circuit.channels = 1;
  circuit.classes = 1;
  return circuit;
}

TEST(EpochBatches, UseEveryImageOnceAndDropTheRemainder) {
  ImageSet set = numbered(10);
  EpochBatches batches(set, 3, 1, 0, {});
  EXPECT_EQ(batches.steps(), 3);
  std::vector<uint32_t> order = batches.order();
  std::sort(order.begin(), order.end());
  std::vector<uint32_t> all(10);
  std::iota(all.begin(), all.end(), 0u);
  EXPECT_EQ(order, all);

  Circuit circuit = smallCircuit();
  BatchBuffers buffers(circuit, 3);
  for (int64_t step = 0; step < 3; ++step) {
    batches.fill(step, buffers);
    for (int64_t i = 0; i < 3; ++i) {
      uint32_t image = batches.order()[3 * step + i];
      EXPECT_EQ(buffers.labels.as<int32_t>()[i], static_cast<int32_t>(image));
      EXPECT_EQ(buffers.bytes.as<uint8_t>()[2 * i], image);
      EXPECT_EQ(buffers.bytes.as<uint8_t>()[2 * i + 1], 100 + image);
    }
  }
}

TEST(EpochBatches, OrderDependsOnSeedAndEpoch) {
  ImageSet set = numbered(50);
  auto order = [&](uint64_t seed, int64_t epoch) {
    return EpochBatches(set, 5, seed, epoch, {}).order();
  };
  EXPECT_EQ(order(1, 2), order(1, 2));
  EXPECT_NE(order(1, 2), order(1, 3));
  EXPECT_NE(order(1, 2), order(2, 2));
  EXPECT_FALSE(std::ranges::is_sorted(order(1, 2)));
}

// Each of the 24 orders of four images is equally likely.
TEST(EpochBatches, ShufflesWithoutBias) {
  ImageSet set = numbered(4);
  std::map<std::vector<uint32_t>, int> counts;
  constexpr int epochs = 24000;
  for (int epoch = 0; epoch < epochs; ++epoch)
    ++counts[EpochBatches(set, 4, 3, epoch, {}).order()];
  ASSERT_EQ(counts.size(), 24u);
  for (auto &[order, times] : counts)
    EXPECT_NEAR(times, epochs / 24, 5 * std::sqrt(epochs / 24.0));
}

TEST(EpochBatches, DrawsCoverTheirRange) {
  ImageSet set = numbered(200);
  Circuit circuit = smallCircuit();
  BatchBuffers buffers(circuit, 200);
  std::map<int, int> rows, columns, flips;
  for (int epoch = 0; epoch < 10; ++epoch) {
    EpochBatches batches(set, 200, 3, epoch,
                         {/*pad=*/4, /*flip=*/true, /*enabled=*/true});
    batches.fill(0, buffers);
    std::span<int32_t> draws = buffers.draws.as<int32_t>();
    for (int i = 0; i < 200; ++i) {
      ++rows[draws[3 * i]];
      ++columns[draws[3 * i + 1]];
      ++flips[draws[3 * i + 2]];
    }
  }
  for (const auto &counts : {rows, columns}) {
    ASSERT_EQ(counts.size(), 9u);
    EXPECT_EQ(counts.begin()->first, 0);
    EXPECT_EQ(counts.rbegin()->first, 8);
    for (auto [value, times] : counts)
      EXPECT_NEAR(times, 2000 / 9, 5 * std::sqrt(2000 / 9.0)) << value;
  }
  EXPECT_NEAR(flips[1], 1000, 5 * std::sqrt(500.0));
  EXPECT_EQ(flips[0] + flips[1], 2000);
}

TEST(EpochBatches, DrawsDoNotDependOnTheStepsBefore) {
  ImageSet set = numbered(40);
  Circuit circuit = smallCircuit();
  Augmentation augmentation{4, true, true};
  EpochBatches batches(set, 10, 3, 1, augmentation);
  BatchBuffers straight(circuit, 10), resumed(circuit, 10);
  for (int step = 0; step < 3; ++step)
    batches.fill(step, straight);
  EpochBatches(set, 10, 3, 1, augmentation).fill(2, resumed);
  EXPECT_TRUE(std::ranges::equal(straight.draws.as<int32_t>(),
                                 resumed.draws.as<int32_t>()));
  EXPECT_TRUE(std::ranges::equal(straight.keys.as<uint32_t>(),
                                 resumed.keys.as<uint32_t>()));
  EXPECT_TRUE(std::ranges::equal(straight.bytes.as<uint8_t>(),
                                 resumed.bytes.as<uint8_t>()));
}

TEST(EpochBatches, DrawsChangeFromStepToStepAndEpochToEpoch) {
  ImageSet set = numbered(40);
  Circuit circuit = smallCircuit();
  BatchBuffers buffers(circuit, 20);
  std::set<std::vector<int32_t>> different;
  for (int64_t epoch : {0, 1})
    for (int64_t step : {0, 1}) {
      EpochBatches(set, 20, 3, epoch, {4, true, true}).fill(step, buffers);
      std::span<int32_t> draws = buffers.draws.as<int32_t>();
      different.insert({draws.begin(), draws.end()});
    }
  EXPECT_EQ(different.size(), 4u);
}

TEST(EpochBatches, EveryImageHasANewKeyInEveryStepAndEpoch) {
  ImageSet set = numbered(40);
  Circuit circuit = smallCircuit();
  BatchBuffers buffers(circuit, 20);
  std::set<uint32_t> different;
  for (int64_t epoch : {0, 1})
    for (int64_t step : {0, 1}) {
      EpochBatches(set, 20, 3, epoch, {0, false, false}).fill(step, buffers);
      std::span<uint32_t> keys = buffers.keys.as<uint32_t>();
      different.insert(keys.begin(), keys.end());
    }
  EXPECT_EQ(different.size(), 80u);
}

TEST(EpochBatches, WithoutAugmentationImagesStayAsTheyAre) {
  ImageSet set = numbered(6);
  Circuit circuit = smallCircuit();
  BatchBuffers buffers(circuit, 6);
  EpochBatches(set, 6, 3, 1, {/*pad=*/4, /*flip=*/true, /*enabled=*/false})
      .fill(0, buffers);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(buffers.draws.as<int32_t>()[3 * i], 4);
    EXPECT_EQ(buffers.draws.as<int32_t>()[3 * i + 1], 4);
    EXPECT_EQ(buffers.draws.as<int32_t>()[3 * i + 2], 0);
  }
  // Flips only where the circuit has them.
  EpochBatches(set, 6, 3, 1, {/*pad=*/0, /*flip=*/false, /*enabled=*/true})
      .fill(0, buffers);
  for (int32_t draw : buffers.draws.as<int32_t>())
    EXPECT_EQ(draw, 0);
}

TEST(FillInOrder, TakesConsecutiveImages) {
  ImageSet set = numbered(10);
  Circuit circuit = smallCircuit();
  BatchBuffers buffers(circuit, 4);
  fillInOrder(set, 6, 3, 4, buffers);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(buffers.labels.as<int32_t>()[i], 6 + i);
    EXPECT_EQ(buffers.bytes.as<uint8_t>()[2 * i], 6 + i);
    EXPECT_EQ(buffers.draws.as<int32_t>()[3 * i], 4);
    EXPECT_EQ(buffers.draws.as<int32_t>()[3 * i + 2], 0);
  }
}

} // namespace
