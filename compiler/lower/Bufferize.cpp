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

/// The part of `whole` in which the source of `insert` is computed, if that is
/// where it is inserted: the initial value of the op that computes it, or of
/// the fill that this starts from.
static OpOperand *findPart(tensor::InsertSliceOp insert, Value whole) {
  auto source = dyn_cast<OpResult>(insert.getSource());
  auto op = source ? dyn_cast<DestinationStyleOpInterface>(source.getOwner())
                   : DestinationStyleOpInterface();
  if (!op || insert.getDest() != whole)
    return nullptr;
  OpOperand *init = op.getDpsInitOperand(source.getResultNumber());
  if (auto fill = init->get().getDefiningOp<linalg::FillOp>())
    init = fill.getDpsInitOperand(0);
  auto part = init->get().getDefiningOp<tensor::ExtractSliceOp>();
  return part && part.getSource() == whole ? init : nullptr;
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
    // Parts are uses too, and are erased.
    SmallVector<std::pair<OpOperand *, OpOperand *>> parts;
    for (OpOperand &use : op->getUses())
      if (auto insert = dyn_cast<tensor::InsertSliceOp>(use.getOwner()))
        if (OpOperand *init = findPart(insert, op->getResult(0)))
          parts.push_back({&use, init});
    for (auto [use, init] : parts) {
      // What is computed in a part of it, and inserted there, is one use.
      OpBuilder builder(init->getOwner());
      Operation *part = init->get().getDefiningOp();
      IRMapping mapping;
      mapping.map(op->getResult(0), builder.clone(*op)->getResult(0));
      init->set(builder.clone(*part, mapping)->getResult(0));
      use->set(mapping.lookup(op->getResult(0)));
      if (part->use_empty())
        part->erase();
    }
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
