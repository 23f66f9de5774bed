//===- OutlineStages.cpp - One function for all equal stages -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/OperationHash.h"
#include "compiler/fuse/Passes.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

namespace dale {
#define GEN_PASS_DEF_OUTLINESTAGES
#include "compiler/fuse/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct OutlineStagesPass : dale::impl::OutlineStagesBase<OutlineStagesPass> {
  void runOnOperation() override {
    SmallVector<StageOp> stages;
    getOperation().walk([&](StageOp stage) { stages.push_back(stage); });
    SymbolTable symbols(getOperation());
    OpBuilder builder(&getContext());
    // Stages by what they do: equal ones have equal hashes.
    DenseMap<llvm::hash_code, SmallVector<func::FuncOp>> functions;
    for (StageOp stage : stages) {
      func::FuncOp function = findOrCreate(builder, symbols, stage, functions);
      builder.setInsertionPoint(stage);
      auto call = func::CallOp::create(builder, stage.getLoc(), function,
                                       stage.getInputs());
      stage.replaceAllUsesWith(call.getResults());
      stage.erase();
    }
    numStages += stages.size();
  }

private:
  func::FuncOp
  findOrCreate(OpBuilder &builder, SymbolTable &symbols, StageOp stage,
               DenseMap<llvm::hash_code, SmallVector<func::FuncOp>> &functions);
};

} // namespace

static StageOp getStage(func::FuncOp function) {
  return *function.getBody().getOps<StageOp>().begin();
}

/// A hash of what stands in a stage's body: its ops and their types.
static llvm::hash_code hashBody(StageOp stage) {
  return hashOps(stage.getBodyRegion(), llvm::hash_value(stage.getOnce()));
}

/// Whether two stages do the same with their inputs. Values in the bodies are
/// matched one to one: a − b is not b − a.
static bool areEqual(StageOp a, StageOp b) {
  return a.getOnce() == b.getOnce() &&
         a->getOperandTypes() == b->getOperandTypes() &&
         a->getResultTypes() == b->getResultTypes() &&
         OperationEquivalence::isRegionEquivalentTo(
             &a.getBody(), &b.getBody(), OperationEquivalence::IgnoreLocations);
}

func::FuncOp OutlineStagesPass::findOrCreate(
    OpBuilder &builder, SymbolTable &symbols, StageOp stage,
    DenseMap<llvm::hash_code, SmallVector<func::FuncOp>> &functions) {
  SmallVector<func::FuncOp> &candidates = functions[hashBody(stage)];
  for (func::FuncOp candidate : candidates)
    if (areEqual(getStage(candidate), stage))
      return candidate;

  ++numDistinct;
  builder.setInsertionPointToEnd(getOperation().getBody());
  auto type = builder.getFunctionType(stage.getInputs().getTypes(),
                                      stage.getResultTypes());
  auto function = func::FuncOp::create(builder, stage.getLoc(), "stage", type);
  function.setPrivate();
  symbols.insert(function); // gives it a name of its own
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToStart(body);
  Operation *clone = builder.clone(*stage);
  clone->setOperands(body->getArguments());
  func::ReturnOp::create(builder, stage.getLoc(), clone->getResults());
  candidates.push_back(function);
  return function;
}
