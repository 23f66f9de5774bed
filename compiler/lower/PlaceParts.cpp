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
#include "compiler/lower/PixelProducts.h"
#include "compiler/lower/Products.h"

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
  bool readsAnywhere(OpOperand &use) const;
  void readFrom(ArrayRef<OpOperand *> uses, Value placed) const;
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

/// Whether a part can be placed before what computes it: where it begins is no
/// value that may be computed later.
static bool hasStaticPlace(tensor::InsertSliceOp insert) {
  return insert.getOffsets().empty() && insert.getSizes().empty() &&
         insert.getStrides().empty();
}

/// The part of `whole` that something is inserted into.
static Value getPart(OpBuilder &builder, tensor::InsertSliceOp insert,
                     Value whole) {
  return tensor::ExtractSliceOp::create(
      builder, insert.getLoc(), insert.getSourceType(), whole,
      insert.getMixedOffsets(), insert.getMixedSizes(),
      insert.getMixedStrides());
}

/// The size of a map's pixels: [1, H, W].
static ArrayRef<int64_t> getPixels(Value map) {
  return cast<RankedTensorType>(map.getType()).getShape().drop_back();
}

bool PlacePartsPass::readsAnywhere(OpOperand &use) const {
  if (auto op = dyn_cast<linalg::GenericOp>(use.getOwner()))
    return op.isDpsInput(&use);
  // A matrix of pixels has no margins; of a product it can be made a map.
  auto matrix = dyn_cast<tensor::CollapseShapeOp>(use.getOwner());
  return matrix && matrix.getSrcType().getRank() == 4 &&
         matrix.getResultType().getRank() == 2 &&
         matrix.getSrcType().getDimSize(2) >= minColumns &&
         llvm::all_of(matrix->getUses(), [](OpOperand &use) {
           return getPixelLoop(use).has_value();
         });
}

/// Lets what can read a map anywhere read `placed`.
void PlacePartsPass::readFrom(ArrayRef<OpOperand *> uses, Value placed) const {
  for (OpOperand *use : uses) {
    use->set(placed);
    auto matrix = dyn_cast<tensor::CollapseShapeOp>(use->getOwner());
    if (!matrix)
      continue;
    while (!matrix->use_empty()) {
      OpOperand &factor = *matrix->use_begin();
      loopOverPixels(cast<linalg::LinalgOp>(factor.getOwner()),
                     *getPixelLoop(factor), getPixels(placed));
    }
    matrix->erase();
  }
}

bool PlacePartsPass::placeMap(tensor::InsertSliceOp insert) {
  auto source = dyn_cast<OpResult>(insert.getSource());
  auto map = source ? dyn_cast<linalg::GenericOp>(source.getOwner()) : nullptr;
  if (!map || !isMap(map) || map->getBlock() != insert->getBlock() ||
      insert.getSourceType().getRank() != insert.getDestType().getRank() ||
      !hasStaticPlace(insert))
    return false;
  unsigned number = source.getResultNumber();
  OpOperand *init = map.getDpsInitOperand(number);
  if (map.payloadUsesValueFromOperand(init))
    return false;
  OpBuilder builder(map);
  Value whole = getBefore(builder, insert.getDest(), map);
  if (!whole)
    return false;
  Value part = getPart(builder, insert, whole);
  SmallVector<OpOperand *> readers, others;
  for (OpOperand &use : source.getUses())
    if (use.getOwner() != insert)
      (readsAnywhere(use) ? readers : others).push_back(&use);
  // Where it has a place already, it is read there.
  if (!init->get().getDefiningOp<tensor::EmptyOp>()) {
    llvm::append_range(others, readers);
    readers.clear();
  }
  if (others.empty()) {
    init->set(part);
    readFrom(readers, source);
  } else {
    map = addResult(map, number, part);
    insert.getSourceMutable().assign(map->getResults().back());
    readFrom(readers, map->getResults().back());
  }
  insert.getDestMutable().assign(whole);
  return true;
}

/// A product of matrices whose rows are a map's pixels becomes one that has
/// loops over rows and columns of pixels, and so can be anywhere in memory.
bool PlacePartsPass::placeProduct(tensor::InsertSliceOp insert) {
  if (insert.getSourceType().getRank() != 4 ||
      insert.getDestType().getRank() != 4 ||
      insert.getSourceType().getDimSize(2) < minColumns ||
      !hasStaticPlace(insert))
    return false;
  Operation *producer = insert.getSource().getDefiningOp();
  if (auto result = dyn_cast_or_null<tensor::ExpandShapeOp>(producer))
    producer = result.getSrc().getDefiningOp();
  auto product = dyn_cast_or_null<linalg::LinalgOp>(producer);
  if (!product || product->getBlock() != insert->getBlock() ||
      !matchProductLoops(product))
    return false;
  auto start = product.getDpsInits().front().getDefiningOp<linalg::FillOp>();
  // As a matrix, a part would have to be copied.
  SmallVector<OpOperand *> readers;
  for (OpOperand &use : insert.getSource().getUses()) {
    if (use.getOwner() == insert)
      continue;
    if (isa<tensor::CollapseShapeOp>(use.getOwner()) && !readsAnywhere(use))
      return false;
    readers.push_back(&use);
  }
  OpOperand *result = product.getDpsInitOperand(0);
  std::optional<unsigned> pixels = getPixelLoop(*result);
  // It has one place.
  if (!start ||
      (pixels ? !product->hasOneUse()
              : !start.getOutputs().front().getDefiningOp<tensor::EmptyOp>()))
    return false;
  OpBuilder builder(product);
  Value whole = getBefore(builder, insert.getDest(), product);
  if (!whole)
    return false;
  Value part =
      linalg::FillOp::create(builder, product.getLoc(), start.getInputs(),
                             getPart(builder, insert, whole))
          .getResult(0);
  if (pixels)
    product = loopOverPixels(product, *pixels, getPixels(insert.getSource()));
  product.setDpsInitOperand(0, part);
  insert.getDestMutable().assign(whole);
  readFrom(readers, insert.getSource());
  return true;
}

void PlacePartsPass::runOnOperation() {
  SmallVector<tensor::InsertSliceOp> inserts;
  getOperation()->walk(
      [&](tensor::InsertSliceOp insert) { inserts.push_back(insert); });
  for (tensor::InsertSliceOp insert : inserts)
    numPlaced += placeMap(insert) || placeProduct(insert);
}
