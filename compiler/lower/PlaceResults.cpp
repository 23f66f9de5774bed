//===- PlaceResults.cpp - Results made where they belong -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/EntryPoint.h"
#include "compiler/lower/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"

namespace dale {
#define GEN_PASS_DEF_PLACERESULTS
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct PlaceResultsPass : dale::impl::PlaceResultsBase<PlaceResultsPass> {
  void runOnOperation() override {
    SmallVector<bufferization::MaterializeInDestinationOp> stores;
    getOperation().walk([&](bufferization::MaterializeInDestinationOp op) {
      if (isa<MemRefType>(op.getDest().getType()) &&
          !op->hasAttr(storeLastAttrName))
        stores.push_back(op);
    });
    for (auto store : stores)
      numPlaced += place(store);
  }

private:
  bool place(bufferization::MaterializeInDestinationOp store);
};

} // namespace

static bool isReshape(Operation *op) {
  return isa_and_nonnull<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op);
}

/// What a value starts from: through reshapes up to the initial value of the op
/// that computes it. Null where it is no such op.
static OpOperand *findInit(Value value) {
  Operation *op = value.getDefiningOp();
  while (isReshape(op)) {
    value = op->getOperand(0);
    op = value.getDefiningOp();
  }
  auto linalgOp = dyn_cast_or_null<linalg::LinalgOp>(op);
  if (!linalgOp)
    return nullptr;
  return linalgOp.getDpsInitOperand(cast<OpResult>(value).getResultNumber());
}

/// Whether an initial value is nothing, or a constant, and not another result.
static bool isFresh(Value value) {
  Operation *op = value.getDefiningOp();
  if (isReshape(op))
    return isFresh(op->getOperand(0));
  if (auto fill = dyn_cast_or_null<linalg::FillOp>(op))
    return isFresh(fill.getOutputs().front());
  return isa_and_nonnull<tensor::EmptyOp>(op);
}

/// The same initial value in `place`. The ops are cloned, since others may
/// start from equal values.
static Value startIn(OpBuilder &builder, Value value, Value place) {
  Operation *op = value.getDefiningOp();
  if (isa<tensor::EmptyOp>(op))
    return place;
  unsigned source = isa<linalg::FillOp>(op) ? 1 : 0;
  Value start = startIn(builder, op->getOperand(source), place);
  Operation *clone = builder.clone(*op);
  clone->setOperand(source, start);
  return clone->getResult(0);
}

/// Erases an initial value that nothing starts from any more: bufferized, it
/// would be filled for nobody.
static void eraseUnused(Value value) {
  Operation *op = value.getDefiningOp();
  while (op && op->use_empty()) {
    Operation *source = nullptr;
    if (!isa<tensor::EmptyOp>(op))
      source = op->getOperand(isa<linalg::FillOp>(op) ? 1 : 0).getDefiningOp();
    op->erase();
    op = source;
  }
}

/// A constant is filled in where it is stored: bufferized, it would be an array
/// in the program, to be copied from.
static bool placeConstant(bufferization::MaterializeInDestinationOp store) {
  DenseElementsAttr value;
  if (!matchPattern(store.getSource(), m_Constant(&value)) || !value.isSplat())
    return false;
  OpBuilder builder(store);
  Location loc = store.getLoc();
  Value place = bufferization::ToTensorOp::create(
      builder, loc, value.getType(), store.getDest(), /*restrict=*/true,
      /*writable=*/true);
  Value scalar =
      arith::ConstantOp::create(builder, loc, value.getSplatValue<TypedAttr>());
  store.getSourceMutable().assign(
      linalg::FillOp::create(builder, loc, scalar, place).getResult(0));
  return true;
}

/// The tensor that lies where a result is stored, and may be overwritten,
/// before the result is computed. Null where there is none.
static Value findUpdated(bufferization::MaterializeInDestinationOp store,
                         Operation *computes) {
  for (Operation *user : store.getDest().getUsers())
    if (auto tensor = dyn_cast<bufferization::ToTensorOp>(user))
      if (tensor.getWritable() && tensor->getBlock() == computes->getBlock() &&
          tensor->isBeforeInBlock(computes))
        return tensor;
  return nullptr;
}

bool PlaceResultsPass::place(bufferization::MaterializeInDestinationOp store) {
  if (placeConstant(store))
    return true;
  OpOperand *init = findInit(store.getSource());
  if (!init || !isFresh(init->get()))
    return false;
  Operation *computes = init->getOwner();
  if (computes->getBlock() != store->getBlock())
    return false;
  // The place must be known where the value is computed.
  OpBuilder builder(computes);
  Value memref = store.getDest();
  if (Operation *view = memref.getDefiningOp();
      view && !DominanceInfo(store->getParentOfType<func::FuncOp>())
                   .properlyDominates(view, computes)) {
    if (view->getBlock() != computes->getBlock() ||
        !llvm::all_of(view->getOperands(), [&](Value operand) {
          Operation *op = operand.getDefiningOp();
          return !op || op->getBlock() != computes->getBlock() ||
                 op->isBeforeInBlock(computes);
        }))
      return false;
    view->moveBefore(computes);
  }
  // The tensor that the chain of initial values begins with.
  Value root = init->get();
  while (!isa<tensor::EmptyOp>(root.getDefiningOp())) {
    Operation *op = root.getDefiningOp();
    root = op->getOperand(isa<linalg::FillOp>(op) ? 1 : 0);
  }
  auto type = cast<MemRefType>(memref.getType());
  auto rootType = cast<RankedTensorType>(root.getType());
  if (type.getShape() != rootType.getShape())
    return false;
  // What is updated in place is there already, as an input.
  Value place = findUpdated(store, computes);
  if (!place)
    place = bufferization::ToTensorOp::create(builder, store.getLoc(), rootType,
                                              memref, /*restrict=*/true,
                                              /*writable=*/true);
  Value start = init->get();
  init->set(startIn(builder, start, place));
  eraseUnused(start);
  return true;
}
