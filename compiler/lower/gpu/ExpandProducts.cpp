//===- ExpandProducts.cpp - Products with the loops of maps -----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Maps.h"
#include "compiler/lower/PixelProducts.h"
#include "compiler/lower/gpu/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace dale {
#define GEN_PASS_DEF_EXPANDPRODUCTS
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct ExpandProductsPass : dale::impl::ExpandProductsBase<ExpandProductsPass> {
  using ExpandProductsBase::ExpandProductsBase;

  void runOnOperation() override;

private:
  unsigned expand(linalg::LinalgOp product, ArrayRef<int64_t> pixels);
};

} // namespace

/// The map that a matrix is seen as, where one element-wise op alone does so.
static tensor::ExpandShapeOp getMap(Value matrix) {
  if (!matrix.hasOneUse())
    return {};
  auto map = dyn_cast<tensor::ExpandShapeOp>(*matrix.user_begin());
  if (!map || !map->hasOneUse() || map.getResultType().getRank() != 4)
    return {};
  auto reader = dyn_cast<linalg::GenericOp>(*map->user_begin());
  return reader && isMap(reader) ? map : tensor::ExpandShapeOp();
}

/// Gives a product the loops of a map, and those that it is added to as well.
unsigned ExpandProductsPass::expand(linalg::LinalgOp product,
                                    ArrayRef<int64_t> pixels) {
  std::optional<unsigned> loop = getPixelLoop(*product.getDpsInitOperand(0));
  if (!loop)
    return 0;
  linalg::GenericOp expanded = loopOverPixels(product, *loop, pixels);
  auto map = expanded.getOutputs()[0].getDefiningOp<tensor::ExpandShapeOp>();
  if (!map || !map->hasOneUse() || !map.getSrc().hasOneUse())
    return 1;
  auto before = map.getSrc().getDefiningOp<linalg::LinalgOp>();
  return 1 + (before ? expand(before, pixels) : 0);
}

void ExpandProductsPass::runOnOperation() {
  // What a product is added to comes before it.
  SmallVector<linalg::LinalgOp> ops;
  getOperation().walk([&](linalg::LinalgOp op) { ops.push_back(op); });
  for (linalg::LinalgOp op : ops) {
    if (op.getNumDpsInits() != 1 || !op.hasPureTensorSemantics())
      continue;
    if (tensor::ExpandShapeOp map = getMap(op->getResult(0)))
      numExpanded += expand(op, map.getResultType().getShape().drop_back());
  }
}
