//===- PixelProducts.cpp - Products over the pixels of maps ----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/PixelProducts.h"
#include "compiler/lower/LinalgBuilder.h"
#include "compiler/lower/Products.h"

using namespace mlir;
using namespace dale;

std::optional<unsigned> dale::getPixelLoop(OpOperand &operand) {
  auto product = dyn_cast<linalg::LinalgOp>(operand.getOwner());
  if (!product || product.getNumLoops() > 4)
    return std::nullopt;
  std::optional<ProductLoops> loops = matchProductLoops(product);
  AffineMap map = product.getMatchingIndexingMap(&operand);
  if (!loops || !map.isProjectedPermutation())
    return std::nullopt;
  unsigned loop = map.getDimPosition(0);
  // A matrix of weights has no pixels: a product of two maps is transposed.
  bool transposed = llvm::is_contained(
      loops->terms, product.getIndexingMapsArray().front().getDimPosition(0));
  if (!llvm::is_contained(transposed ? loops->terms : loops->rows, loop) ||
      (!transposed && !loops->products.empty()))
    return std::nullopt;
  return loop;
}

/// A tensor whose first dimension has been made that of a map's pixels.
static Value asMap(LinalgBuilder &build, Value matrix,
                   ArrayRef<int64_t> pixels) {
  auto type = cast<RankedTensorType>(matrix.getType());
  SmallVector<int64_t> shape(pixels);
  llvm::append_range(shape, type.getShape().drop_front());
  auto collapse = matrix.getDefiningOp<tensor::CollapseShapeOp>();
  if (collapse && collapse.getSrcType().getShape() == ArrayRef(shape))
    return collapse.getSrc();
  if (matrix.getDefiningOp<tensor::EmptyOp>())
    return build.empty(type.clone(shape));
  if (auto fill = matrix.getDefiningOp<linalg::FillOp>())
    return linalg::FillOp::create(
               build.builder, build.loc, fill.getInputs(),
               asMap(build, fill.getOutputs().front(), pixels))
        .getResult(0);
  SmallVector<ReassociationIndices> groups{{}};
  for (int64_t i = 0; i < static_cast<int64_t>(shape.size()); ++i) {
    if (i >= static_cast<int64_t>(pixels.size()))
      groups.emplace_back();
    groups.back().push_back(i);
  }
  return tensor::ExpandShapeOp::create(build.builder, build.loc,
                                       type.clone(shape), matrix, groups);
}

linalg::GenericOp dale::loopOverPixels(linalg::LinalgOp product, unsigned loop,
                                       ArrayRef<int64_t> pixels) {
  OpBuilder builder(product);
  LinalgBuilder build(builder, product.getLoc());
  unsigned added = pixels.size() - 1;
  SmallVector<utils::IteratorType> iterators = product.getIteratorTypesArray();
  iterators.insert(iterators.begin() + loop, added, iterators[loop]);

  SmallVector<Value> operands;
  SmallVector<AffineMap> maps;
  for (OpOperand &operand : product->getOpOperands()) {
    Value value = operand.get();
    SmallVector<unsigned> dimensions;
    for (AffineExpr result :
         product.getMatchingIndexingMap(&operand).getResults()) {
      unsigned position = cast<AffineDimExpr>(result).getPosition();
      dimensions.push_back(position > loop ? position + added : position);
      if (position != loop)
        continue;
      value = asMap(build, value, pixels);
      for (unsigned i = 1; i <= added; ++i)
        dimensions.push_back(loop + i);
    }
    operands.push_back(value);
    maps.push_back(AffineMap::getMultiDimMapWithTargets(
        iterators.size(), dimensions, builder.getContext()));
  }
  auto result = linalg::GenericOp::create(
      builder, build.loc, operands.back().getType(),
      ArrayRef(operands).drop_back(), operands.back(), maps, iterators);
  IRMapping mapping;
  product->getRegion(0).cloneInto(&result.getRegion(), mapping);

  Value old = product->getResult(0), map = result.getResult(0);
  // Who sees the matrix as a map has that now.
  for (Operation *user : llvm::make_early_inc_range(old.getUsers()))
    if (isa<tensor::ExpandShapeOp>(user) &&
        user->getResult(0).getType() == map.getType()) {
      user->getResult(0).replaceAllUsesWith(map);
      user->erase();
    }
  if (!old.use_empty())
    old.replaceAllUsesWith(
        map.getType() == old.getType() ? map : build.asMatrix(map));
  product->erase();
  return result;
}
