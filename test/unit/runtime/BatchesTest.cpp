//===- BatchesTest.cpp - Tests of shuffling and augmentation --------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/Batches.h"
#include "Support.h"
#include "runtime/CircuitABI.h"
#include "runtime/device/CpuExecutor.h"
#include "runtime/device/Threads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <span>

using namespace dale::runtime;
using namespace dale::runtime::test;

namespace {

/// Images of 2x1 bytes: the image's number, and 100 more. Labels: the number.
MemoryImages numbered(int64_t count) {
  ImageBlock set;
  set.count = count;
  set.height = 2;
  set.width = set.channels = 1;
  for (int64_t i = 0; i < count; ++i) {
    set.images.push_back(static_cast<uint8_t>(i));
    set.images.push_back(static_cast<uint8_t>(100 + i));
    set.labels.push_back(static_cast<int32_t>(i));
  }
  return MemoryImages(std::move(set));
}

Circuit smallCircuit() {
  Circuit circuit;
  circuit.height = 2;
  circuit.width = circuit.channels = 1;
  circuit.classes = 1;
  return circuit;
}

TEST(EpochBatches, UseEveryImageOnceAndDropTheRemainder) {
  MemoryImages set = numbered(10);
  EpochBatches batches(set, 3, 1, 0, {});
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
  MemoryImages set = numbered(50);
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
  MemoryImages set = numbered(4);
  std::map<std::vector<uint32_t>, int> counts;
  constexpr int epochs = 24000;
  for (int epoch = 0; epoch < epochs; ++epoch)
    ++counts[EpochBatches(set, 4, 3, epoch, {}).order()];
  ASSERT_EQ(counts.size(), 24u);
  for (auto &[order, times] : counts)
    EXPECT_NEAR(times, epochs / 24, 5 * std::sqrt(epochs / 24.0));
}

TEST(EpochBatches, DrawsCoverTheirRange) {
  MemoryImages set = numbered(200);
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
  MemoryImages set = numbered(40);
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
  MemoryImages set = numbered(40);
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
  MemoryImages set = numbered(40);
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
  MemoryImages set = numbered(6);
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

// A crop of a quarter of the area of images whose columns are numbered shows
// which columns it has.
TEST(EpochBatches, CropsDependOnSeedEpochAndPosition) {
  ImageBlock block;
  block.count = 40;
  block.height = block.width = 16;
  block.channels = 1;
  for (int i = 0; i < 40 * 256; ++i)
    block.images.push_back(static_cast<uint8_t>(10 * (i % 16)));
  block.labels.resize(40);
  MemoryImages set(std::move(block));
  Circuit circuit;
  circuit.height = circuit.width = 16;
  circuit.channels = circuit.classes = 1;
  Augmentation augmentation{0, false, true, CropBounds{0.25, 0.25, 1, 1}};
  auto fill = [&](uint64_t seed, int64_t epoch, int64_t step) {
    BatchBuffers buffers(circuit, 10);
    EpochBatches(set, 10, seed, epoch, augmentation).fill(step, buffers);
    std::span<uint8_t> bytes = buffers.bytes.as<uint8_t>();
    return std::vector<int>(bytes.begin(), bytes.end());
  };
  EXPECT_EQ(fill(3, 1, 2), fill(3, 1, 2));
  std::set<std::vector<int>> different = {fill(3, 1, 2), fill(3, 1, 1),
                                          fill(3, 2, 2), fill(4, 1, 2)};
  EXPECT_EQ(different.size(), 4u);
  for (const std::vector<int> &bytes : different)
    for (int i = 0; i < 10; ++i) {
      // Eight columns become sixteen.
      int first = bytes[256 * i], last = bytes[256 * i + 15];
      EXPECT_NEAR(last - first, 75, 5);
      EXPECT_LE(last, 150);
    }
  augmentation.enabled = false;
  std::vector<int> whole = fill(3, 1, 2);
  for (int i = 0; i < 160; ++i)
    EXPECT_EQ(whole[16 * i + 15], 150);
}

TEST(EpochBatches, RandomLabelsAreUniformAndStay) {
  std::map<int32_t, int> counts;
  int same = 0;
  for (int64_t image = 0; image < 10000; ++image) {
    int32_t label = randomLabel(5, image, 10);
    EXPECT_EQ(label, randomLabel(5, image, 10));
    ++counts[label];
    same += label == randomLabel(6, image, 10);
  }
  ASSERT_EQ(counts.size(), 10u);
  EXPECT_EQ(counts.begin()->first, 0);
  EXPECT_EQ(counts.rbegin()->first, 9);
  for (auto [label, times] : counts)
    EXPECT_NEAR(times, 1000, 5 * std::sqrt(900.0)) << label;
  EXPECT_NEAR(same, 1000, 5 * std::sqrt(900.0));
}

TEST(EpochBatches, ImagesKeepTheirRandomLabels) {
  MemoryImages set = numbered(30);
  Circuit circuit = smallCircuit();
  BatchBuffers buffers(circuit, 30);
  int trueOnes = 0;
  for (int64_t epoch : {0, 1}) {
    EpochBatches batches(set, 30, 3, epoch, {}, /*randomClasses=*/30);
    batches.fill(0, buffers);
    for (int i = 0; i < 30; ++i) {
      int32_t image = static_cast<int32_t>(batches.order()[i]);
      int32_t label = buffers.labels.as<int32_t>()[i];
      EXPECT_EQ(label, randomLabel(3, image, 30));
      trueOnes += label == image;
    }
  }
  EXPECT_LT(trueOnes, 20);
}

TEST(ParallelFor, TakesEveryNumberOnce) {
  std::vector<int> times(1000);
  parallelFor(1000, [&](int64_t i) { ++times[i]; });
  EXPECT_EQ(times, std::vector<int>(1000, 1));
  parallelFor(0, [&](int64_t) { FAIL(); });
}

TEST(ParallelFor, ThrowsWhatTheSmallestNumberThrew) {
  for (int i = 0; i < 20; ++i)
    try {
      parallelFor(100, [](int64_t number) {
        if (number >= 30)
          throw number;
      });
      FAIL();
    } catch (int64_t number) {
      EXPECT_EQ(number, 30);
    }
}

TEST(ResidentImages, ArePickedFromTheSet) {
  MemoryImages set = numbered(10);
  EXPECT_EQ(set.bytes().size(), 20u);
  Circuit circuit = smallCircuit();
  BatchBuffers gathered(circuit, 4), picked(circuit, 4);
  EXPECT_EQ(picked.picks.as<int32_t>()[3], 3);
  for (int64_t step = 0; step < 2; ++step) {
    EpochBatches(set, 4, 3, 1, {2, true, true}).fill(step, gathered);
    EpochBatches(set, 4, 3, 1, {2, true, true}, {}, /*resident=*/true)
        .fill(step, picked);
    EXPECT_TRUE(gathered.resident.empty());
    EXPECT_EQ(picked.resident.data(), set.bytes().data());
    for (int64_t i = 0; i < 4; ++i) {
      EXPECT_EQ(gathered.picks.as<int32_t>()[i], i);
      int32_t pick = picked.picks.as<int32_t>()[i];
      EXPECT_EQ(pick, set.bytes()[2 * pick]);
      EXPECT_EQ(pick, gathered.bytes.as<uint8_t>()[2 * i]);
      EXPECT_EQ(pick, picked.labels.as<int32_t>()[i]);
    }
    for (int64_t i = 0; i < 12; ++i)
      EXPECT_EQ(picked.draws.as<int32_t>()[i], gathered.draws.as<int32_t>()[i]);
  }
  // The same buffers for another set, which is not resident.
  fillInOrder(set, 6, 3, 0, picked, /*resident=*/true);
  EXPECT_EQ(picked.picks.as<int32_t>()[2], 8);
  fillInOrder(set, 6, 3, 0, picked);
  EXPECT_TRUE(picked.resident.empty());
  EXPECT_EQ(picked.picks.as<int32_t>()[2], 2);
  EXPECT_EQ(picked.bytes.as<uint8_t>()[4], 8);
  // Images that are left out cannot be picked.
  set.truncate(7);
  EXPECT_EQ(set.bytes().size(), 14u);
}

/// Generated code reads where it is told to.
TEST(ResidentImages, NoOtherCanBePicked) {
  Circuit circuit = Circuit::parse(dale_circuit_description);
  CpuExecutor executor(circuit);
  std::vector<uint8_t> images(static_cast<size_t>(3 * circuit.imageElements()));
  Batches batches = executor.batchBuffers(2);
  BatchBuffers &buffers = batches.front();
  for (bool resident : {true, false}) {
    if (resident)
      buffers.resident = images;
    for (int32_t pick : {resident ? 3 : 2, -1}) {
      buffers.picks.as<int32_t>()[1] = pick;
      expectError([&] { executor.prepare(batches, 2); },
                  {"a batch picks image " + std::to_string(pick) + " of "});
    }
    buffers.resident = {};
  }
}

TEST(FillInOrder, TakesConsecutiveImages) {
  MemoryImages set = numbered(10);
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
