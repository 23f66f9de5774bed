//===- PlaceParts.cpp - Parts of tensors where they belong -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/LinalgBuilder.h"
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
  using PlacePartsBase::PlacePartsBase;

  void runOnOperation() override;

private:
  bool placeMap(tensor::InsertSliceOp insert);
  bool placeProduct(tensor::InsertSliceOp insert);
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

/// The part of `whole` that something is inserted into.
static Value getPart(OpBuilder &builder, tensor::InsertSliceOp insert,
                     Value whole) {
  return tensor::ExtractSliceOp::create(
      builder, insert.getLoc(), insert.getSourceType(), whole,
      insert.getMixedOffsets(), insert.getMixedSizes(),
      insert.getMixedStrides());
}

bool PlacePartsPass::placeMap(tensor::InsertSliceOp insert) {
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
  Value part = getPart(builder, insert, whole);
  if (source.hasOneUse()) {
    init->set(part);
  } else {
    map = addResult(map, number, part);
    insert.getSourceMutable().assign(map->getResults().back());
  }
  insert.getDestMutable().assign(whole);
  return true;
}

/// The map [1, H, W, C] that a matrix of its pixels is seen from.
static Value asMap(LinalgBuilder &build, Value matrix,
                   ArrayRef<int64_t> pixels) {
  auto type = cast<RankedTensorType>(matrix.getType());
  SmallVector<int64_t> shape(pixels);
  shape.push_back(type.getDimSize(1));
  auto collapse = matrix.getDefiningOp<tensor::CollapseShapeOp>();
  if (collapse && collapse.getSrcType().getShape() == ArrayRef(shape))
    return collapse.getSrc();
  return build.fromMatrix(matrix, type.clone(shape));
}

/// A product of matrices whose rows are a map's pixels becomes one that has
/// loops over rows and columns of pixels, and so can be anywhere in memory.
bool PlacePartsPass::placeProduct(tensor::InsertSliceOp insert) {
  auto result = insert.getSource().getDefiningOp<tensor::ExpandShapeOp>();
  auto product =
      result ? result.getSrc().getDefiningOp<linalg::MatmulOp>() : nullptr;
  if (!product || !product->hasOneUse() ||
      product->getBlock() != insert->getBlock() ||
      insert.getSourceType().getRank() != 4 ||
      insert.getDestType().getRank() != 4 ||
      insert.getSourceType().getDimSize(2) < minColumns)
    return false;
  auto start = product.getOutputs().front().getDefiningOp<linalg::FillOp>();
  // As a matrix, a part would have to be copied.
  if (!start ||
      llvm::any_of(result->getUsers(), llvm::IsaPred<tensor::CollapseShapeOp>))
    return false;
  OpBuilder builder(product);
  Value whole = getBefore(builder, insert.getDest(), product);
  if (!whole)
    return false;
  LinalgBuilder build(builder, product.getLoc());
  Value part = linalg::FillOp::create(builder, build.loc, start.getInputs(),
                                      getPart(builder, insert, whole))
                   .getResult(0);
  Value left = asMap(build, product.getInputs()[0],
                     insert.getSourceType().getShape().drop_back());
  Value placed = build.generic(
      5, {{left, {0, 1, 2, 4}}, {product.getInputs()[1], {4, 3}}},
      {{part, {0, 1, 2, 3}}},
      [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
        Value term = arith::MulFOp::create(builder, build.loc, in[0], in[1]);
        return {arith::AddFOp::create(builder, build.loc, out[0], term)};
      })[0];
  result.getResult().replaceAllUsesWith(placed);
  insert.getDestMutable().assign(whole);
  result->erase();
  product->erase();
  return true;
}

void PlacePartsPass::runOnOperation() {
  SmallVector<tensor::InsertSliceOp> inserts;
  getOperation()->walk(
      [&](tensor::InsertSliceOp insert) { inserts.push_back(insert); });
  for (tensor::InsertSliceOp insert : inserts)
    numPlaced += placeMap(insert) || (products && placeProduct(insert));
}
