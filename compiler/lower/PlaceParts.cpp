//===- PlaceParts.cpp - Parts of tensors where they belong -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Maps.h"
#include "compiler/lower/Passes.h"

namespace dale {
#define GEN_PASS_DEF_PLACEPARTS
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct PlacePartsPass : dale::impl::PlacePartsBase<PlacePartsPass> {
  void runOnOperation() override;

private:
  bool place(tensor::InsertSliceOp insert);
};

} // namespace

/// The tensor that a part is inserted into, available before `op`: as it is, or
/// made there, if it is empty or filled.
static Value getBefore(OpBuilder &builder, Value tensor, Operation *op) {
  Operation *producer = tensor.getDefiningOp();
  if (!producer || producer->getBlock() != op->getBlock() ||
      producer->isBeforeInBlock(op))
    return tensor;
  if (isa<tensor::EmptyOp>(producer))
    return builder.clone(*producer)->getResult(0);
  auto fill = dyn_cast<linalg::FillOp>(producer);
  if (!fill)
    return {};
  Operation *number = fill.getInputs().front().getDefiningOp();
  Value outputs = getBefore(builder, fill.getOutputs().front(), op);
  if (!outputs || (number && !number->hasTrait<OpTrait::ConstantLike>()))
    return {};
  IRMapping mapping;
  mapping.map(fill.getOutputs().front(), outputs);
  if (number)
    mapping.map(fill.getInputs().front(), builder.clone(*number)->getResult(0));
  return builder.clone(*fill, mapping)->getResult(0);
}

/// The op with one more result, equal to result `number`, that starts from
/// `init`.
static linalg::GenericOp addResult(linalg::GenericOp op, unsigned number,
                                   Value init) {
  OpBuilder builder(op);
  SmallVector<Value> inits(op.getOutputs());
  inits.push_back(init);
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  maps.push_back(maps[op.getNumDpsInputs() + number]);
  auto wider = linalg::GenericOp::create(
      builder, op.getLoc(), ValueRange(inits).getTypes(), op.getInputs(), inits,
      maps, op.getIteratorTypesArray());
  wider.getRegion().takeBody(op.getRegion());
  wider.getBody()->addArgument(getElementTypeOrSelf(init), op.getLoc());
  Operation *yield = wider.getBody()->getTerminator();
  yield->insertOperands(yield->getNumOperands(), {yield->getOperand(number)});
  op->replaceAllUsesWith(wider.getResults().drop_back());
  op->erase();
  return wider;
}

bool PlacePartsPass::place(tensor::InsertSliceOp insert) {
  auto source = dyn_cast<OpResult>(insert.getSource());
  auto map = source ? dyn_cast<linalg::GenericOp>(source.getOwner()) : nullptr;
  if (!map || !isMap(map) || map->getBlock() != insert->getBlock() ||
      insert.getSourceType().getRank() != insert.getDestType().getRank())
    return false;
  unsigned number = source.getResultNumber();
  OpOperand *init = map.getDpsInitOperand(number);
  if (!init->get().getDefiningOp<tensor::EmptyOp>())
    return false;
  OpBuilder builder(map);
  Value whole = getBefore(builder, insert.getDest(), map);
  if (!whole)
    return false;
  Value part = tensor::ExtractSliceOp::create(
      builder, insert.getLoc(), insert.getSourceType(), whole,
      insert.getMixedOffsets(), insert.getMixedSizes(),
      insert.getMixedStrides());
  if (source.hasOneUse()) {
    init->set(part);
  } else {
    map = addResult(map, number, part);
    insert.getSourceMutable().assign(map->getResults().back());
  }
  insert.getDestMutable().assign(whole);
  return true;
}

void PlacePartsPass::runOnOperation() {
  SmallVector<tensor::InsertSliceOp> inserts;
  getOperation()->walk(
      [&](tensor::InsertSliceOp insert) { inserts.push_back(insert); });
  for (tensor::InsertSliceOp insert : inserts)
    numPlaced += place(insert);
}
