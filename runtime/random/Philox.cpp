//===- Philox.cpp - A counter-based random generator ----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/random/Philox.h"

#include <cmath>
#include <numbers>

using namespace dale::runtime;

PhiloxWords dale::runtime::philox4x32(PhiloxWords counter,
                                      std::array<uint32_t, 2> key) {
  // The constants of the paper.
  constexpr uint64_t multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57;
  constexpr uint32_t weyl0 = 0x9E3779B9, weyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    uint64_t product0 = multiplier0 * counter[0];
    uint64_t product1 = multiplier1 * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(product0)};
    key[0] += weyl0;
    key[1] += weyl1;
  }
  return counter;
}

static std::array<uint32_t, 2> halves(uint64_t word) {
  return {static_cast<uint32_t>(word), static_cast<uint32_t>(word >> 32)};
}

PhiloxWords dale::runtime::randomBlock(uint64_t seed, RandomStream stream,
                                       uint64_t place, uint32_t block) {
  auto [low, high] = halves(place);
  return philox4x32({block, low, high, static_cast<uint32_t>(stream)},
                    halves(seed));
}

RandomSequence::RandomSequence(uint64_t seed, RandomStream stream,
                               uint64_t place)
    : key(halves(seed)) {
  auto [low, high] = halves(place);
  counter = {0, low, high, static_cast<uint32_t>(stream)};
}

uint32_t RandomSequence::word() {
  if (used == 4) {
    words = philox4x32(counter, key);
    ++counter[0];
    used = 0;
  }
  return words[used++];
}

double RandomSequence::uniform() {
  uint64_t high = word(), low = word();
  return static_cast<double>(((high << 32) | low) >> 11) * 0x1p-53;
}

uint32_t RandomSequence::below(uint32_t bound) {
  uint64_t product = uint64_t(word()) * bound;
  if (static_cast<uint32_t>(product) < bound) {
    uint32_t threshold = -bound % bound;
    while (static_cast<uint32_t>(product) < threshold)
      product = uint64_t(word()) * bound;
  }
  return static_cast<uint32_t>(product >> 32);
}

double RandomSequence::normal() {
  if (hasSpareNormal) {
    hasSpareNormal = false;
    return spareNormal;
  }
  // 1 - u is in (0, 1], where the logarithm is finite.
  double radius = std::sqrt(-2 * std::log(1 - uniform()));
  double angle = 2 * std::numbers::pi * uniform();
  spareNormal = radius * std::sin(angle);
  hasSpareNormal = true;
  return radius * std::cos(angle);
}
