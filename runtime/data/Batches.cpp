//===- Batches.cpp - Batches of an epoch ----------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/Batches.h"

#include "runtime/device/Threads.h"
#include "runtime/random/Philox.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

using namespace dale::runtime;

/// Says where the batch's images are, and calls `fillSlot` for each of its
/// slots: in parallel where there are bytes to be gathered.
static void fillSlots(const ImageSet &set, int64_t count, bool resident,
                      BatchBuffers &buffers,
                      const std::function<void(int64_t)> &fillSlot) {
  if (!resident) {
    buffers.resident = {};
    parallelFor(count, fillSlot);
    return;
  }
  buffers.resident = set.bytes();
  for (int64_t slot = 0; slot < count; ++slot)
    fillSlot(slot);
}

/// Puts one image and its label to place `slot` of the batch.
static void putImage(const ImageSet &set, int64_t index,
                     const ChooseRegion &choose, int64_t slot,
                     BatchBuffers &buffers) {
  buffers.labels.as<int32_t>()[slot] = set.label(index);
  int32_t &pick = buffers.picks.as<int32_t>()[slot];
  if (!buffers.resident.empty()) {
    assert(!choose && "resident images are taken as they are");
    pick = static_cast<int32_t>(index);
    return;
  }
  pick = buffers.firstPick + static_cast<int32_t>(slot);
  set.read(index, choose,
           buffers.bytes.as<uint8_t>().data() + slot * set.imageBytes());
}

static void setDraw(BatchBuffers &buffers, int64_t slot, int64_t row,
                    int64_t column, bool flip) {
  std::span<int32_t> draws = buffers.draws.as<int32_t>();
  draws[3 * slot] = static_cast<int32_t>(row);
  draws[3 * slot + 1] = static_cast<int32_t>(column);
  draws[3 * slot + 2] = flip;
}

EpochBatches::EpochBatches(const ImageSet &set, int64_t batch, uint64_t seed,
                           int64_t epoch, const Augmentation &augmentation,
                           std::optional<int64_t> randomClasses, bool resident)
    : set(set), batch(batch), seed(seed), epoch(epoch),
      augmentation(augmentation), randomClasses(randomClasses),
      resident(resident), permutation(static_cast<size_t>(set.count())) {
  // Fisher and Yates.
  std::iota(permutation.begin(), permutation.end(), 0u);
  RandomSequence random(seed, RandomStream::Shuffle,
                        static_cast<uint64_t>(epoch));
  for (uint32_t i = static_cast<uint32_t>(set.count()); i > 1; --i)
    std::swap(permutation[i - 1], permutation[random.below(i)]);
}

void dale::runtime::fillKeys(uint64_t seed, int64_t place, int64_t first,
                             int64_t count, BatchBuffers &buffers) {
  std::span<uint32_t> keys = buffers.keys.as<uint32_t>();
  for (int64_t slot = 0; slot < count; ++slot)
    keys[slot] =
        randomBlock(seed, RandomStream::Dropout, static_cast<uint64_t>(place),
                    static_cast<uint32_t>(first + slot))[0];
}

/// Scaling a word is uniform to within 2^-32 of a place, which is enough here
/// and takes a fixed number of words.
static int64_t below(uint32_t word, int64_t bound) {
  return static_cast<int64_t>((uint64_t(word) * uint64_t(bound)) >> 32);
}

int32_t dale::runtime::randomLabel(uint64_t seed, int64_t image,
                                   int64_t classes) {
  PhiloxWords words = randomBlock(seed, RandomStream::Labels, /*place=*/0,
                                  static_cast<uint32_t>(image));
  return static_cast<int32_t>(below(words[0], classes));
}

void EpochBatches::fillSlot(int64_t slot, int64_t position,
                            BatchBuffers &buffers) const {
  ChooseRegion crop;
  if (augmentation.enabled && augmentation.crop)
    crop = [this, position](PixelSize image) {
      RandomSequence random(seed, RandomStream::AreaCrop,
                            static_cast<uint64_t>(epoch) << 32 |
                                static_cast<uint64_t>(position));
      return drawRegion(*augmentation.crop, image, random);
    };
  int64_t image = permutation[position];
  putImage(set, image, crop, slot, buffers);
  if (randomClasses)
    buffers.labels.as<int32_t>()[slot] =
        randomLabel(seed, image, *randomClasses);

  int64_t pad = augmentation.pad;
  if (!augmentation.enabled) {
    setDraw(buffers, slot, pad, pad, false);
    return;
  }
  PhiloxWords words = randomBlock(seed, RandomStream::Augmentation,
                                  static_cast<uint64_t>(epoch),
                                  static_cast<uint32_t>(position));
  setDraw(buffers, slot, below(words[0], 2 * pad + 1),
          below(words[1], 2 * pad + 1),
          augmentation.flip && (words[2] >> 31) != 0);
}

void EpochBatches::fill(int64_t step, BatchBuffers &buffers) const {
  fillKeys(seed, epoch, step * batch, batch, buffers);
  fillSlots(set, batch, resident, buffers, [&](int64_t slot) {
    fillSlot(slot, step * batch + slot, buffers);
  });
}

void dale::runtime::fillInOrder(const ImageSet &set, int64_t first,
                                int64_t count, int64_t pad,
                                BatchBuffers &buffers, bool resident) {
  fillSlots(set, count, resident, buffers, [&](int64_t slot) {
    putImage(set, first + slot, /*choose=*/{}, slot, buffers);
    setDraw(buffers, slot, pad, pad, false);
  });
}

void dale::runtime::copyImages(const BatchBuffers &from, BatchBuffers &to) {
  auto copy = [&](Buffer BatchBuffers::*field) {
    std::span<const std::byte> source = (from.*field).as<std::byte>();
    std::copy(source.begin(), source.end(), (to.*field).data());
  };
  copy(&BatchBuffers::draws);
  copy(&BatchBuffers::labels);
  copy(&BatchBuffers::picks);
  to.resident = from.resident;
  if (!from.resident.empty())
    return;
  copy(&BatchBuffers::bytes);
  for (int32_t &pick : to.picks.as<int32_t>())
    pick += to.firstPick - from.firstPick;
}
