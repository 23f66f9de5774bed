//===- Products.cpp - Products, however many loops ------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Products.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace dale;

/// Whether an op adds products of two elements to its result.
static bool addsProducts(linalg::LinalgOp op) {
  return op.getNumDpsInputs() == 2 && op.getNumDpsInits() == 1 &&
         linalg::detail::isContractionBody(
             *op.getBlock(), [](Operation *multiply, Operation *add) {
               return isa<arith::MulFOp>(multiply) && isa<arith::AddFOp>(add);
             });
}

std::optional<ProductLoops> dale::matchProductLoops(linalg::LinalgOp op) {
  if (!addsProducts(op))
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  ProductLoops loops;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool a = maps[0].isFunctionOfDim(loop), b = maps[1].isFunctionOfDim(loop),
         c = maps[2].isFunctionOfDim(loop);
    if (a && !b && c)
      loops.rows.push_back(loop);
    else if (!a && b && c)
      loops.columns.push_back(loop);
    else if (a && b && !c)
      loops.terms.push_back(loop);
    else if (a && b && c)
      loops.products.push_back(loop);
    else
      return std::nullopt;
  }
  if (loops.rows.empty() || loops.columns.empty() || loops.terms.empty())
    return std::nullopt;
  return loops;
}

namespace {

/// Takes tensors and memrefs to lower ranks.
class RankReducer {
public:
  RankReducer(RewriterBase &rewriter, Location loc)
      : rewriter(rewriter), loc(loc) {}

  /// The part of a tensor or memref that has its dimensions in `kept` only; the
  /// others are of size one.
  Value reduce(Value whole, ArrayRef<unsigned> kept);
  /// The inverse, for tensors.
  Value insert(Value part, Value tensor);

private:
  struct Slice {
    SmallVector<OpFoldResult> offsets, sizes, strides;
  };
  Slice getSlice(ShapedType type);

  RewriterBase &rewriter;
  Location loc;
};

} // namespace

RankReducer::Slice RankReducer::getSlice(ShapedType type) {
  OpFoldResult zero = rewriter.getIndexAttr(0), one = rewriter.getIndexAttr(1);
  Slice slice;
  for (int64_t size : type.getShape()) {
    slice.offsets.push_back(zero);
    slice.sizes.push_back(rewriter.getIndexAttr(size));
    slice.strides.push_back(one);
  }
  return slice;
}

Value RankReducer::reduce(Value whole, ArrayRef<unsigned> kept) {
  if (auto fill = whole.getDefiningOp<linalg::FillOp>())
    return linalg::FillOp::create(rewriter, loc, fill.getInputs(),
                                  reduce(fill.getOutputs().front(), kept))
        .getResult(0);
  if (auto copy = whole.getDefiningOp<linalg::CopyOp>())
    return linalg::CopyOp::create(rewriter, loc,
                                  reduce(copy.getInputs().front(), kept),
                                  reduce(copy.getOutputs().front(), kept))
        .getResult(0);
  auto type = cast<ShapedType>(whole.getType());
  if (kept.size() == static_cast<size_t>(type.getRank()))
    return whole;
  SmallVector<int64_t> shape;
  for (unsigned dimension : kept)
    shape.push_back(type.getDimSize(dimension));
  Slice slice = getSlice(type);
  if (auto memref = dyn_cast<MemRefType>(type)) {
    MemRefType part = memref::SubViewOp::inferRankReducedResultType(
        shape, memref, slice.offsets, slice.sizes, slice.strides);
    return memref::SubViewOp::create(rewriter, loc, part, whole, slice.offsets,
                                     slice.sizes, slice.strides);
  }
  // Of what has been inserted it is that.
  return rewriter.createOrFold<tensor::ExtractSliceOp>(
      loc, cast<RankedTensorType>(type).clone(shape), whole, slice.offsets,
      slice.sizes, slice.strides);
}

Value RankReducer::insert(Value part, Value tensor) {
  if (part.getType() == tensor.getType())
    return part;
  Slice slice = getSlice(cast<RankedTensorType>(tensor.getType()));
  return tensor::InsertSliceOp::create(
      rewriter, loc, part, tensor, slice.offsets, slice.sizes, slice.strides);
}

linalg::GenericOp dale::dropUnitLoops(RewriterBase &rewriter,
                                      linalg::LinalgOp op,
                                      ArrayRef<unsigned> keep) {
  rewriter.setInsertionPoint(op);
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  SmallVector<AffineExpr> loops;
  SmallVector<utils::IteratorType> iterators;
  SmallVector<int64_t> keptSizes;
  for (auto [loop, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (sizes[loop] == 1 && !llvm::is_contained(keep, loop)) {
      loops.push_back(rewriter.getAffineConstantExpr(0));
      continue;
    }
    loops.push_back(rewriter.getAffineDimExpr(iterators.size()));
    iterators.push_back(iterator);
    keptSizes.push_back(sizes[loop]);
  }

  RankReducer reducer(rewriter, op.getLoc());
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps;
  for (OpOperand &operand : op->getOpOperands()) {
    SmallVector<unsigned> kept;
    SmallVector<AffineExpr> results;
    for (auto [dimension, result] :
         llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults())) {
      AffineExpr narrow = result.replaceDims(loops);
      if (isa<AffineConstantExpr>(narrow))
        continue;
      // Twice a loop of one turn is that loop.
      auto twice = dyn_cast<AffineBinaryOpExpr>(narrow);
      if (twice && twice.getKind() == AffineExprKind::Mul)
        if (auto loop = dyn_cast<AffineDimExpr>(twice.getLHS());
            loop && keptSizes[loop.getPosition()] == 1)
          narrow = loop;
      kept.push_back(dimension);
      results.push_back(narrow);
    }
    operands.push_back(reducer.reduce(operand.get(), kept));
    maps.push_back(
        AffineMap::get(iterators.size(), 0, results, rewriter.getContext()));
  }
  ArrayRef<Value> inputs = ArrayRef(operands).take_front(op.getNumDpsInputs());
  ArrayRef<Value> inits = ArrayRef(operands).drop_front(op.getNumDpsInputs());
  bool onTensors = op.hasPureTensorSemantics();
  auto narrow = linalg::GenericOp::create(
      rewriter, op.getLoc(),
      onTensors ? TypeRange(ValueRange(inits)) : TypeRange(), inputs, inits,
      maps, iterators);
  rewriter.inlineRegionBefore(op->getRegion(0), narrow.getRegion(),
                              narrow.getRegion().begin());
  if (!onTensors) {
    rewriter.eraseOp(op);
    return narrow;
  }
  SmallVector<Value> results;
  for (auto [result, init] :
       llvm::zip(narrow->getResults(), op.getDpsInits())) {
    Value whole = init;
    while (Operation *start = whole.getDefiningOp())
      if (isa<linalg::FillOp, linalg::CopyOp>(start))
        whole = start->getOperands().back();
      else
        break;
    results.push_back(reducer.insert(result, whole));
  }
  SmallVector<Value> starts(op.getDpsInits());
  rewriter.replaceOp(op, results);
  for (Value start : starts)
    while (Operation *producer = start.getDefiningOp()) {
      if (!isa<linalg::FillOp, linalg::CopyOp>(producer) ||
          !producer->use_empty())
        break;
      start = producer->getOperands().back();
      rewriter.eraseOp(producer);
    }
  return narrow;
}
