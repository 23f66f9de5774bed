//===- Batches.cpp - Batches of an epoch ----------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/Batches.h"

#include "runtime/random/Philox.h"

#include <cstring>
#include <numeric>
#include <utility>

using namespace dale::runtime;

/// Copies one image and its label to place `slot` of the batch.
static void copyImage(const ImageSet &set, int64_t index, int64_t slot,
                      BatchBuffers &buffers) {
  std::memcpy(buffers.bytes.data() + slot * set.imageBytes(),
              set.images.data() + index * set.imageBytes(),
              static_cast<size_t>(set.imageBytes()));
  buffers.labels.as<int32_t>()[slot] = set.labels[index];
}

static void setDraw(BatchBuffers &buffers, int64_t slot, int64_t row,
                    int64_t column, bool flip) {
  std::span<int32_t> draws = buffers.draws.as<int32_t>();
  draws[3 * slot] = static_cast<int32_t>(row);
  draws[3 * slot + 1] = static_cast<int32_t>(column);
  draws[3 * slot + 2] = flip;
}

EpochBatches::EpochBatches(const ImageSet &set, int64_t batch, uint64_t seed,
                           int64_t epoch, const Augmentation &augmentation)
    : set(set), batch(batch), seed(seed), epoch(epoch),
      augmentation(augmentation), permutation(static_cast<size_t>(set.count)) {
  // Fisher and Yates.
  std::iota(permutation.begin(), permutation.end(), 0u);
  RandomSequence random(seed, RandomStream::Shuffle,
                        static_cast<uint64_t>(epoch));
  for (uint32_t i = static_cast<uint32_t>(set.count); i > 1; --i)
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

void EpochBatches::fill(int64_t step, BatchBuffers &buffers) const {
  fillKeys(seed, epoch, step * batch, batch, buffers);
  for (int64_t slot = 0; slot < batch; ++slot) {
    int64_t position = step * batch + slot;
    copyImage(set, permutation[position], slot, buffers);
    int64_t pad = augmentation.pad;
    if (!augmentation.enabled) {
      setDraw(buffers, slot, pad, pad, false);
      continue;
    }
    PhiloxWords words = randomBlock(seed, RandomStream::Augmentation,
                                    static_cast<uint64_t>(epoch),
                                    static_cast<uint32_t>(position));
    // Scaling a word is uniform to within 2^-32 of a place, which is enough
    // here and takes a fixed number of words.
    auto below = [](uint32_t word, int64_t bound) {
      return static_cast<int64_t>((uint64_t(word) * uint64_t(bound)) >> 32);
    };
    setDraw(buffers, slot, below(words[0], 2 * pad + 1),
            below(words[1], 2 * pad + 1),
            augmentation.flip && (words[2] >> 31) != 0);
  }
}

void dale::runtime::fillInOrder(const ImageSet &set, int64_t first,
                                int64_t count, int64_t pad,
                                BatchBuffers &buffers) {
  for (int64_t slot = 0; slot < count; ++slot) {
    copyImage(set, first + slot, slot, buffers);
    setDraw(buffers, slot, pad, pad, false);
  }
}
