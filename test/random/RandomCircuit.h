//===- RandomCircuit.h - Circuit files from seeds ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Circuits over the whole vocabulary of docs/language.md, small enough to be
/// compiled in a second or two, and valid: what the rules of circuits forbid is
/// never written.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_RANDOM_RANDOMCIRCUIT_H
#define DALE_TEST_RANDOM_RANDOMCIRCUIT_H

#include <cstdint>
#include <string>

namespace dale::test {

/// The text of a circuit file; the same seed gives the same text everywhere.
std::string randomCircuit(uint64_t seed);

} // namespace dale::test

#endif // DALE_TEST_RANDOM_RANDOMCIRCUIT_H
