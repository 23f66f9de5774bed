//===- Draw.h - Random choices that are the same everywhere -----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_RANDOM_DRAW_H
#define DALE_TEST_RANDOM_DRAW_H

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace dale::test {

/// Random numbers from a seed. The standard library's distributions differ from
/// one implementation to the next; its engines do not.
class Draw {
public:
  explicit Draw(uint64_t seed) : engine(seed) {}

  /// Between `low` and `high`, both included.
  int64_t integer(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine() % uint64_t(high - low + 1));
  }
  size_t index(size_t size) { return engine() % size; }
  double uniform() { return double(engine() >> 11) * 0x1p-53; }
  bool chance(double probability) { return uniform() < probability; }
  double normal() {
    double radius = std::sqrt(-2 * std::log1p(-uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }
  template <typename Container>
  const auto &oneOf(const Container &choices) {
    return choices[index(std::size(choices))];
  }

private:
  std::mt19937_64 engine;
};

} // namespace dale::test

#endif // DALE_TEST_RANDOM_DRAW_H
