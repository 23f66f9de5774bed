//===- LowerStages.cpp - Stages as loops, functions as entry points -*- C++
//-*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/EntryPoint.h"
#include "compiler/lower/OffsetPlanner.h"
#include "compiler/lower/Passes.h"
#include "compiler/lower/StageFunctions.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace dale {
#define GEN_PASS_DEF_LOWERSTAGES
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

/// A stage stands in a function of its own, with its operands and results in
/// order: its callers are told where these are.
static LogicalResult checkStageFunction(func::FuncOp function) {
  Block &body = function.getBody().front();
  auto stage = dyn_cast<StageOp>(body.front());
  if (function.getBody().hasOneBlock() && stage &&
      stage->getNextNode() == body.getTerminator() &&
      llvm::equal(stage.getInputs(), body.getArguments()) &&
      llvm::equal(stage.getResults(), body.getTerminator()->getOperands()))
    return success();
  return function.emitOpError("must be one stage of its arguments, which gives "
                              "its results, as dale-outline-stages makes it");
}

namespace {

struct LowerStagesPass : dale::impl::LowerStagesBase<LowerStagesPass> {
  using LowerStagesBase::LowerStagesBase;

  void runOnOperation() override {
    if (chunks < 1 || sumParts < 1) {
      getOperation().emitError("chunks and sum-parts must be positive");
      return signalPassFailure();
    }
    if (apart % OffsetPlanner::alignment != 0) {
      getOperation().emitError("apart must be a multiple of ")
          << OffsetPlanner::alignment << " bytes";
      return signalPassFailure();
    }
    llvm::StringMap<StageFunction> stages;
    SmallVector<func::FuncOp> entryPoints;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isDeclaration())
        continue;
      if (!function.getBody().getOps<StageOp>().empty()) {
        if (failed(checkStageFunction(function)))
          return signalPassFailure();
        stages[function.getSymName()] =
            lowerStageFunction(function, chunks, sumParts);
      } else if (isEntryPoint(function))
        entryPoints.push_back(function);
    }
    for (func::FuncOp function : entryPoints)
      if (failed(lowerEntryPoint(function, stages, reuseInputs, apart)))
        return signalPassFailure();
  }
};

} // namespace
