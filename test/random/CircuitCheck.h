//===- CircuitCheck.h - What must hold for every circuit --------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_RANDOM_CIRCUITCHECK_H
#define DALE_TEST_RANDOM_CIRCUITCHECK_H

#include <cstdint>
#include <string>
#include <vector>

namespace dale::test {

/// What a circuit's checks found, and how much they could look at.
struct CircuitReport {
  std::vector<std::string> failures;
  /// Directions in which the gradient was compared with differences of the
  /// loss, and those of them where the differences say something.
  int directions = 0, conclusive = 0;
  /// The worst difference, as a part of what is allowed.
  double worstDirection = 0, worstUnfused = 0;
  double compileSeconds = 0, runSeconds = 0;
};

struct CircuitCheckOptions {
  /// Compile every function of the circuit, not the training step only.
  bool allFunctions = false;
  /// Have LLVM optimize the code that runs.
  bool optimize = false;
  /// Verify the module after every pass.
  bool verifyEach = false;
  /// Compile in single precision too.
  bool singlePrecision = false;
};

/// Compiles a circuit fused and unfused, and compares the two with each other
/// and the gradient with finite differences. The seed chooses the weights, the
/// batch and the directions.
CircuitReport checkCircuit(const std::string &text, uint64_t seed,
                           const CircuitCheckOptions &options);

} // namespace dale::test

#endif // DALE_TEST_RANDOM_CIRCUITCHECK_H
