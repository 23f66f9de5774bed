//===- CompiledStep.h - A training step compiled from text ------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Takes a module with a function `@forward`, as `dale-expand` leaves it,
/// through every pass and the code generator, and calls the training step that
/// it becomes.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_UNIT_COMPILER_COMPILEDSTEP_H
#define DALE_TEST_UNIT_COMPILER_COMPILEDSTEP_H

#include "mlir/IR/BuiltinOps.h"

#include <memory>
#include <string>
#include <vector>

namespace dale::test {

/// What goes into a step in double precision, and comes out of it.
struct StepBuffers {
  std::vector<double> parameters, momenta, averages, images, gradients;
  std::vector<int32_t> labels, keys;
  /// Written where it has a size.
  std::vector<double> logits;
  double learningRate = 0;
  double loss = 0;
  /// What a circuit minimizes: its loss with the penalty on parameters.
  double objective = 0;
};

/// How a step is compiled.
struct StepOptions {
  /// A processor's name as LLVM knows it, or "native".
  std::string cpu = "native";
  /// As in the compiler's own options.
  bool fuse = true;
  /// Have LLVM optimize it, which takes most of the time.
  bool optimize = true;
  /// Verify the module after every pass.
  bool verifyEach = true;
};

class CompiledStep {
public:
  /// Null, with diagnostics, where the module cannot be compiled. The module is
  /// used up.
  static std::unique_ptr<CompiledStep> compile(mlir::ModuleOp module,
                                               const StepOptions &options);
  ~CompiledStep();

  /// One step with `batch` images: updates parameters, momenta and averages,
  /// writes the gradients, the logits and the losses.
  void run(StepBuffers &buffers, int64_t batch) const;

private:
  CompiledStep() = default;

  void *library = nullptr;
  void *function = nullptr;
  int64_t fixedBytes = 0, bytesPerImage = 0, bytesPerThread = 0;
};

} // namespace dale::test

#endif // DALE_TEST_UNIT_COMPILER_COMPILEDSTEP_H
