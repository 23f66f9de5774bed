//===- LowerVectors.cpp - Vectors of the target's width -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dale {
#define GEN_PASS_DEF_LOWERVECTORS
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct LowerVectorsPass : dale::impl::LowerVectorsBase<LowerVectorsPass> {
  void runOnOperation() override {
    allowContraction();
    if (failed(lowerContractions()) || failed(lowerTransfers()) ||
        failed(approximateMath()))
      signalPassFailure();
  }

private:
  /// a * b + c may be rounded once. The same code gives the same result still.
  void allowContraction() {
    getOperation()->walk([&](arith::ArithFastMathInterface op) {
      if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::NegFOp>(op))
        op->setAttr(op.getFastMathAttrName(),
                    arith::FastMathFlagsAttr::get(
                        &getContext(), op.getFastMathFlagsAttr().getValue() |
                                           arith::FastMathFlags::contract));
    });
  }

  LogicalResult lowerContractions() {
    RewritePatternSet patterns(&getContext());
    vector::populateVectorContractLoweringPatterns(
        patterns, vector::VectorContractLowering::OuterProduct);
    vector::populateVectorTransferPermutationMapLoweringPatterns(patterns);
    vector::populateVectorMultiReductionLoweringPatterns(
        patterns, vector::VectorMultiReductionLowering::InnerReduction);
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  LogicalResult lowerTransfers() {
    RewritePatternSet patterns(&getContext());
    vector::populateVectorOuterProductLoweringPatterns(patterns);
    VectorTransferToSCFOptions options;
    options.enableFullUnroll();
    populateVectorToSCFConversionPatterns(patterns, options);
    vector::populateVectorTransferLoweringPatterns(patterns,
                                                   /*maxTransferRank=*/1);
    vector::populateVectorShapeCastLoweringPatterns(patterns);
    vector::populateVectorBroadcastLoweringPatterns(patterns);
    vector::populateVectorTransposeLoweringPatterns(
        patterns, vector::VectorTransposeLowering::Shuffle1D);
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  LogicalResult approximateMath() {
    RewritePatternSet patterns(&getContext());
    auto wanted = [](StringRef name) {
      return name == math::ExpOp::getOperationName() ||
             name == math::TanhOp::getOperationName() ||
             name == math::LogOp::getOperationName();
    };
    populateMathPolynomialApproximationPatterns(patterns, wanted);
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }
};

} // namespace
