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

/// Whether an op is aᵀ b summed over the rows of both, as
/// `LinalgBuilder::transposedProduct` makes it.
static bool isTransposedProduct(linalg::GenericOp op) {
  if (op.getNumLoops() != 3 || !matchProductLoops(op))
    return false;
  MLIRContext *context = op.getContext();
  auto access = [&](unsigned row, unsigned column) {
    return AffineMap::getMultiDimMapWithTargets(3, {row, column}, context);
  };
  return op.getIndexingMapsArray() ==
         SmallVector<AffineMap>{access(2, 0), access(2, 1), access(0, 1)};
}

bool dale::isUsedByPixel(OpOperand &use) {
  if (isa<linalg::MatmulOp>(use.getOwner()))
    return use.getOperandNumber() == 0;
  auto generic = dyn_cast<linalg::GenericOp>(use.getOwner());
  return generic && generic.isDpsInput(&use) && isTransposedProduct(generic);
}

/// The map that a matrix of its pixels is seen from.
static Value asMap(LinalgBuilder &build, Value matrix,
                   ArrayRef<int64_t> pixels) {
  auto type = cast<RankedTensorType>(matrix.getType());
  SmallVector<int64_t> shape(pixels);
  shape.push_back(type.getDimSize(1));
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
  return build.fromMatrix(matrix, type.clone(shape));
}

linalg::GenericOp dale::loopOverPixels(linalg::LinalgOp product,
                                       ArrayRef<int64_t> pixels) {
  OpBuilder builder(product);
  LinalgBuilder build(builder, product.getLoc());
  Value a = asMap(build, product->getOperand(0), pixels);
  Value b = product->getOperand(1), c = product->getOperand(2);
  Value old = product->getResult(0), result;
  if (isa<linalg::MatmulOp>(*product)) {
    result = build.addProducts(5, {a, {0, 1, 2, 4}}, {b, {4, 3}},
                               {asMap(build, c, pixels), {0, 1, 2, 3}});
    // Who sees the matrix as a map has that now.
    for (Operation *user : llvm::make_early_inc_range(old.getUsers()))
      if (isa<tensor::ExpandShapeOp>(user) &&
          user->getResult(0).getType() == result.getType()) {
        user->getResult(0).replaceAllUsesWith(result);
        user->erase();
      }
    if (!old.use_empty())
      old.replaceAllUsesWith(build.asMatrix(result));
  } else {
    result =
        build.addProducts(5, {a, {2, 3, 4, 0}},
                          {asMap(build, b, pixels), {2, 3, 4, 1}}, {c, {0, 1}});
    old.replaceAllUsesWith(result);
  }
  product->erase();
  return result.getDefiningOp<linalg::GenericOp>();
}
