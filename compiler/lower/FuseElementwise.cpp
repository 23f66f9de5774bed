//===- FuseElementwise.cpp - Element-wise ops of one image -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dale {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct FuseElementwisePass
    : dale::impl::FuseElementwiseBase<FuseElementwisePass> {
  using FuseElementwiseBase::FuseElementwiseBase;

  void runOnOperation() override;
};

} // namespace

/// Whether all that an op does is to read its input in other places.
static bool onlyReads(linalg::GenericOp op) {
  Operation *yield = op.getBody()->getTerminator();
  return op.getNumDpsInputs() == 1 &&
         op.getBody()->getOperations().size() == 1 &&
         yield->getNumOperands() == 1 &&
         yield->getOperand(0) == op.getBody()->getArgument(0);
}

/// Whether a fused producer would be computed once for each element, and not
/// again for every channel of a product or pixel of a broadcast.
static bool isComputedOnce(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  if (!producer || !consumer ||
      !consumer.getMatchingIndexingMap(operand).isPermutation())
    return false;
  return producer->hasOneUse() || onlyReads(producer);
}

void FuseElementwisePass::runOnOperation() {
  RewritePatternSet patterns(&getContext());
  linalg::populateElementwiseToLinalgConversionPatterns(patterns);
  if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
    return signalPassFailure();
  RewritePatternSet fusion(&getContext());
  linalg::populateElementwiseOpsFusionPatterns(fusion, isComputedOnce);
  if (failed(applyPatternsGreedily(getOperation(), std::move(fusion))))
    return signalPassFailure();
}
