//===- Philox.h - A counter-based random generator --------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Philox 4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers:
/// as easy as 1, 2, 3" (2011): a keyed bijection of 128-bit counters. There is
/// no state to carry along: what is drawn depends on (seed, stream, place)
/// alone, so a training run that is resumed draws what it would have drawn.
///
/// The key is the run's seed. A counter's words are
///   0  the block within a sequence (four 32-bit words each)
///   1  low half of the sequence's place
///   2  high half of the sequence's place
///   3  the stream: what the numbers are for
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_RANDOM_PHILOX_H
#define DALE_RUNTIME_RANDOM_PHILOX_H

#include <array>
#include <cstdint>

namespace dale::runtime {

using PhiloxWords = std::array<uint32_t, 4>;

/// Ten rounds.
PhiloxWords philox4x32(PhiloxWords counter, std::array<uint32_t, 2> key);

/// What random numbers are for. Numbers of different streams are independent.
/// Never renumber: it would change what a seed means.
enum class RandomStream : uint32_t {
  /// place: 0; the networks that 'dale report' resamples.
  Bootstrap = 0,
  /// place: a hash of the parameter's name.
  Weights = 1,
  /// place: the epoch.
  Shuffle = 2,
  /// place: the epoch; one block per image, numbered in the shuffled order.
  Augmentation = 3,
  /// place: the epoch; one block per image, numbered in the shuffled order.
  Dropout = 4,
  /// place: 0; the order of images that are listed class by class.
  Listing = 5,
  /// place: 0; one block per training image, numbered in the set's order.
  Labels = 6,
  /// place: the epoch in the upper half, in the lower the image, numbered in
  /// the shuffled order.
  AreaCrop = 7,
};

/// A sequence of numbers drawn one after the other.
class RandomSequence {
public:
  RandomSequence(uint64_t seed, RandomStream stream, uint64_t place);

  /// Uniform on all 32-bit words.
  uint32_t word();

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform();

  /// Uniform in [0, bound), without bias (Lemire 2019). bound > 0.
  uint32_t below(uint32_t bound);

  /// Standard normal (Box-Muller).
  double normal();

private:
  std::array<uint32_t, 2> key;
  PhiloxWords counter;
  PhiloxWords words{};
  unsigned used = 4;
  double spareNormal = 0;
  bool hasSpareNormal = false;
};

/// One block of a stream, addressed directly.
PhiloxWords randomBlock(uint64_t seed, RandomStream stream, uint64_t place,
                        uint32_t block);

} // namespace dale::runtime

#endif // DALE_RUNTIME_RANDOM_PHILOX_H
