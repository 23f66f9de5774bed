//===- Vocabulary.h - What random circuits are made of ----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the generator draws from. When the language gets something new, a line
/// here has random circuits use it.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_RANDOM_VOCABULARY_H
#define DALE_TEST_RANDOM_VOCABULARY_H

#include "Draw.h"

namespace dale::test {

struct Activation {
  const char *name;
  bool takesExponent = false;
};

// To come: {"elu"}, {"softplus"}, {"rectified-tanh"}, {"power", true}.
inline constexpr Activation activations[] = {
    {"relu"}, {"identity"}, {"sigmoid"}, {"tanh"}};

// To come: "layer".
inline constexpr const char *normKinds[] = {"batch"};

inline constexpr int kernelSizes[] = {1, 3, 5};
inline constexpr const char *scales[] = {"1", "2", "3"};

/// Areas with two principal populations: their concatenation needs a
/// derivative.
inline constexpr bool severalPrincipals = false;
/// `constraint` of a population.
inline constexpr bool populationConstraints = false;
/// `silent = true`.
inline constexpr bool silence = false;
/// `dropout = { keep = 0.75, on = "memory" }`.
inline constexpr bool dropout = false;
/// `"area4.P0 -> P0" = { range = "long-range" }`.
inline constexpr bool feedback = false;

} // namespace dale::test

#endif // DALE_TEST_RANDOM_VOCABULARY_H
