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
  bool takesExponent = true;
};

inline constexpr Activation activations[] = {
    {"relu"},     {"identity"},       {"sigmoid"}, {"tanh"}, {"elu"},
    {"softplus"}, {"rectified-tanh"}, {"power", true}};

inline constexpr const char *normKinds[] = {"batch", "layer"};

inline constexpr int kernelSizes[] = {1, 3, 5};
inline constexpr const char *scales[] = {"1", "2", "3"};

/// Areas with two principal populations.
inline constexpr bool severalPrincipals = true;
/// `constraint` of a population.
inline constexpr bool populationConstraints = true;
/// `silent = true`.
inline constexpr bool silence = true;
/// `dropout = { keep = 0.75, on = "memory" }`.
inline constexpr bool dropout = true;
/// `"area4.P0 -> P0" = { range = "long-range" }`.
inline constexpr bool feedback = true;

} // namespace dale::test

#endif // DALE_TEST_RANDOM_VOCABULARY_H
