//===- Expand.cpp - Circuits become tensor programs -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/Description.h"
#include "compiler/expand/Functions.h"
#include "compiler/expand/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace dale {
#define GEN_PASS_DEF_EXPAND
#include "compiler/expand/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;
using namespace dale::expand;

/// The module's one circuit. Null, with a diagnostic, where there is none or
/// several.
static CircuitOp findCircuit(ModuleOp module) {
  auto circuits = llvm::to_vector(module.getOps<CircuitOp>());
  if (circuits.empty()) {
    module.emitError("no circuit to expand");
    return {};
  }
  if (circuits.size() > 1) {
    InFlightDiagnostic diag = circuits[1].emitError(
        "a second circuit: a module is compiled for one circuit");
    diag.attachNote(circuits[0].getLoc()) << "the first one is here";
    return {};
  }
  return circuits.front();
}

namespace {
struct ExpandPass : public dale::impl::ExpandBase<ExpandPass> {
  using ExpandBase::ExpandBase;

  void runOnOperation() override {
    CircuitOp circuit = findCircuit(getOperation());
    if (!circuit)
      return signalPassFailure();

    CircuitPlan plan = planCircuit(circuit);
    OpBuilder builder(circuit);
    FloatType type = builder.getF32Type();
    if (element == Element::F64)
      type = builder.getF64Type();
    Variables variables(builder, type);
    variables.declare(plan);
    buildFunctions(builder, plan, variables, type);
    describe(getOperation(), plan, variables, type);

    numVariables += variables.all().size();
    numSteps += circuit.getSteps();
    circuit.erase();
  }
};
} // namespace
