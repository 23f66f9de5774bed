//===- RoundFactors.cpp - Maps for tensor cores alone ----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/RoundedMaps.h"
#include "compiler/lower/gpu/Passes.h"
#include "compiler/lower/gpu/TensorCores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace dale {
#define GEN_PASS_DEF_ROUNDFACTORS
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct RoundFactorsPass : dale::impl::RoundFactorsBase<RoundFactorsPass> {
  using RoundFactorsBase::RoundFactorsBase;

  void runOnOperation() override;
};

} // namespace

/// Whether tensor cores will round the factors of an op.
static bool isForTensorCores(Operation *op) {
  auto product = dyn_cast<linalg::LinalgOp>(op);
  return product && matchMatrixProduct(product, Precision::BF16);
}

/// Whether a factor is computed in this function, by ops that can round it.
static bool canBeRounded(Value factor) {
  Operation *producer = factor.getDefiningOp();
  if (isa_and_nonnull<tensor::CollapseShapeOp, tensor::InsertSliceOp>(producer))
    return canBeRounded(producer->getOperand(0));
  auto op = dyn_cast_or_null<linalg::GenericOp>(producer);
  return op && op.getNumReductionLoops() == 0 &&
         getElementTypeOrSelf(factor).isF32();
}

void RoundFactorsPass::runOnOperation() {
  // What is rounded is found before anything changes.
  SmallVector<OpOperand *> factors;
  getOperation().walk([&](linalg::LinalgOp op) {
    if (isForTensorCores(op))
      for (OpOperand *factor : op.getDpsInputOperands())
        if (canBeRounded(factor->get()))
          factors.push_back(factor);
  });
  DenseMap<Value, Value> rounded;
  SetVector<Operation *> products;
  for (OpOperand *factor : factors) {
    Value &map = rounded[factor->get()];
    if (!map) {
      OpBuilder builder(&getContext());
      builder.setInsertionPointAfterValue(factor->get());
      LinalgBuilder build(builder, factor->get().getLoc());
      map = roundMap(build, factor->get());
    }
    factor->set(map);
    products.insert(factor->getOwner());
  }
  for (Operation *op : products) {
    auto product = cast<linalg::LinalgOp>(op);
    OpBuilder builder(op);
    Value sum =
        LinalgBuilder(builder, op->getLoc())
            .addProducts(product.getIndexingMapsArray(),
                         product.getIteratorTypesArray(), op->getOperand(0),
                         op->getOperand(1), op->getOperand(2));
    op->getResult(0).replaceAllUsesWith(sum);
    op->erase();
  }
  numFactors += rounded.size();
}
