//===- Lowering.h - Tensor ops of one image as linalg -----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inside of a stage every tensor has a static shape, and its ops become linalg
// ops: here is what the patterns for them share. What linalg ops have in common
// stands in LinalgBuilder.
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_LINALG_LOWERING_H
#define DALE_COMPILER_LOWER_LINALG_LOWERING_H

#include "compiler/lower/LinalgBuilder.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

namespace dale {

inline mlir::RankedTensorType typeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}

inline int64_t dim(mlir::Value value, unsigned index) {
  return typeOf(value).getDimSize(index);
}

/// A pattern on one op, with a builder at its place.
template <typename Op>
struct Lowering : mlir::OpConversionPattern<Op> {
  using mlir::OpConversionPattern<Op>::OpConversionPattern;
  using Adaptor = typename Op::Adaptor;

  mlir::LogicalResult
  matchAndRewrite(Op op, Adaptor operands,
                  mlir::ConversionPatternRewriter &rewriter) const override {
    if (auto type = llvm::dyn_cast<mlir::ShapedType>(op.getType());
        type && !type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "works on more than one image");
    LinalgBuilder build(rewriter, op.getLoc());
    rewriter.replaceOp(op, lower(build, op, operands));
    return mlir::success();
  }

  virtual mlir::Value lower(LinalgBuilder &build, Op op,
                            Adaptor operands) const = 0;
};

/// The accumulator of an op, or zeros.
template <typename Op>
mlir::Value accumulatorOf(LinalgBuilder &build, Op op,
                          mlir::Value accumulator) {
  return accumulator ? accumulator : build.filled(op.getType(), 0.0);
}

inline mlir::Value isGreater(LinalgBuilder &build, mlir::Value a,
                             mlir::Value b) {
  return mlir::arith::CmpFOp::create(build.builder, build.loc,
                                     mlir::arith::CmpFPredicate::OGT, a, b);
}

/// Whether bufferization would make an array in the program of a constant,
/// which GPUs cannot reach, rather than a fill.
bool isArray(mlir::arith::ConstantOp op);

void populateVariableLowerings(mlir::RewritePatternSet &patterns);
void populateConvolutionLowerings(mlir::RewritePatternSet &patterns);
void populateSeparableConvolutionLowerings(mlir::RewritePatternSet &patterns);
void populatePoolingLowerings(mlir::RewritePatternSet &patterns);
void populateElementwiseLowerings(mlir::RewritePatternSet &patterns);
void populateRearrangementLowerings(mlir::RewritePatternSet &patterns);
void populateDropoutLowerings(mlir::RewritePatternSet &patterns);
void populateLossLowerings(mlir::RewritePatternSet &patterns);
void populateImageLowerings(mlir::RewritePatternSet &patterns);
void populateConstantLowerings(mlir::RewritePatternSet &patterns);

} // namespace dale

#endif // DALE_COMPILER_LOWER_LINALG_LOWERING_H
