//===- TensorToLinalg.cpp - Tensor ops of one image as linalg ---*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Passes.h"
#include "compiler/lower/linalg/Lowering.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace dale {
#define GEN_PASS_DEF_TENSORTOLINALG
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct TensorToLinalgPass : dale::impl::TensorToLinalgBase<TensorToLinalgPass> {
  using TensorToLinalgBase::TensorToLinalgBase;

  void runOnOperation() override {
    ConversionTarget target(getContext());
    target.addIllegalDialect<DaleDialect>();
    // Stages are containers: only what stands in them is lowered here.
    target.addLegalOp<VariableOp, StageOp, YieldOp>();
    target.addDynamicallyLegalOp<arith::ConstantOp>(
        [](arith::ConstantOp op) { return !isArray(op); });
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    RewritePatternSet patterns(&getContext());
    populateVariableLowerings(patterns);
    populateConvolutionLowerings(patterns);
    populateSeparableConvolutionLowerings(patterns);
    populatePoolingLowerings(patterns);
    populateElementwiseLowerings(patterns);
    populateRearrangementLowerings(patterns);
    populateDropoutLowerings(patterns);
    populateLossLowerings(patterns);
    populateImageLowerings(patterns);
    populateConstantLowerings(patterns);
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
