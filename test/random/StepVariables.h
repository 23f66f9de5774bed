//===- StepVariables.h - Weights and a batch for a step ---------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_RANDOM_STEPVARIABLES_H
#define DALE_TEST_RANDOM_STEPVARIABLES_H

#include "Draw.h"
#include "test/unit/compiler/CompiledStep.h"

#include <string>
#include <vector>

namespace dale::test {

/// A part of the flat buffer of parameters or averages.
struct StepVariable {
  std::string name;
  bool isAverage = false;
  size_t offset = 0, size = 0;
  /// What its elements start at, or NaN where they start at random.
  double constant = 0;
  double deviation = 0;
};

/// The variables of a circuit that has been expanded.
std::vector<StepVariable> collectVariables(mlir::ModuleOp module);

/// Weights near the initial ones, with norms, biases and leaks that are none of
/// them at rest, and no weight close to where a constraint has its kink. The
/// buffers have their sizes.
void drawWeights(Draw &draw, const std::vector<StepVariable> &variables,
                 double scale, StepBuffers &buffers);

} // namespace dale::test

#endif // DALE_TEST_RANDOM_STEPVARIABLES_H
