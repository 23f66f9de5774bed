//===- Bufferize.cpp - Tensors become memrefs, function by function -*- C++
//-*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/Transforms/Bufferize.h"
#include "compiler/lower/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace dale {
#define GEN_PASS_DEF_BUFFERIZE
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

/// Whether an op makes a tensor that is nothing yet, or a constant, or another
/// shape of such.
static bool isInitialValue(Operation *op) {
  if (isa<tensor::EmptyOp>(op))
    return true;
  if (isa<linalg::FillOp>(op))
    return op->getNumResults() == 1;
  if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op))
    return false;
  Operation *source = op->getOperand(0).getDefiningOp();
  return source && isInitialValue(source);
}

/// Gives every op an initial value of its own, just before it. One that several
/// ops write to would be filled once, and then copied for each of them.
static void separateInitialValues(func::FuncOp function) {
  SmallVector<Operation *> values;
  function.walk([&](Operation *op) {
    if (isInitialValue(op))
      values.push_back(op);
  });
  // Those that are made of others come first: they need copies of these.
  for (Operation *op : llvm::reverse(values)) {
    for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
      OpBuilder builder(use.getOwner());
      use.set(builder.clone(*op)->getResult(0));
    }
    op->erase();
  }
}

namespace {

struct BufferizePass : dale::impl::BufferizeBase<BufferizePass> {
  void runOnOperation() override {
    separateInitialValues(getOperation());
    bufferization::OneShotBufferizationOptions options;
    options.allowUnknownOps = true;
    bufferization::BufferizationState state;
    if (failed(
            bufferization::runOneShotBufferize(getOperation(), options, state)))
      signalPassFailure();
  }
};

} // namespace
