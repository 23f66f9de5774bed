//===- FuseWidening.cpp - Numbers become wide where they are used -*- C++ -*-=//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/LinalgBuilder.h"
#include "compiler/lower/Passes.h"
#include "compiler/lower/Products.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dale {
#define GEN_PASS_DEF_FUSEWIDENING
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

/// The op that widened a value, number by number, and at most transposed it;
/// null where there is no such op.
static linalg::GenericOp getWidening(Value value) {
  auto op = value.getDefiningOp<linalg::GenericOp>();
  if (!op || op->getNumOperands() != 2 || op.getNumReductionLoops() != 0 ||
      !op.hasPureTensorSemantics() ||
      !llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isPermutation(); }))
    return {};
  Operation *yield = op.getBody()->getTerminator();
  auto widen = yield->getOperand(0).getDefiningOp<arith::ExtFOp>();
  bool widensInput = widen && widen.getIn() == op.getBody()->getArgument(0);
  return widensInput ? op : linalg::GenericOp();
}

/// What a value was before an op widened it and did nothing else; null where
/// there is no such op.
static Value getNarrow(Value value) {
  linalg::GenericOp op = getWidening(value);
  bool widensOnly =
      op && llvm::all_of(op.getIndexingMapsArray(),
                         [](AffineMap map) { return map.isIdentity(); });
  return widensOnly ? op.getInputs().front() : Value();
}

static RankedTensorType withElementOf(Value tensor, Value other) {
  return cast<RankedTensorType>(tensor.getType())
      .clone(getElementTypeOrSelf(other));
}

/// Puts in the place of `op` its narrow counterpart, widened.
static void replaceByWidened(PatternRewriter &rewriter, Operation *op,
                             Value narrow) {
  LinalgBuilder build(rewriter, op->getLoc());
  Type type = op->getResult(0).getType(), element = getElementTypeOrSelf(type);
  rewriter.replaceOp(op, build.map(narrow, type, [&](ValueRange in) -> Value {
    return arith::ExtFOp::create(rewriter, op->getLoc(), element, in[0]);
  }));
}

namespace {

//===----------------------------------------------------------------------===//
// Views of what is narrow
//===----------------------------------------------------------------------===//

struct WidenCollapsed : OpRewritePattern<tensor::CollapseShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::CollapseShapeOp op,
                                PatternRewriter &rewriter) const override {
    Value source = getNarrow(op.getSrc());
    if (!source)
      return failure();
    replaceByWidened(rewriter, op,
                     tensor::CollapseShapeOp::create(
                         rewriter, op.getLoc(), withElementOf(op, source),
                         source, op.getReassociationIndices()));
    return success();
  }
};

struct WidenSlice : OpRewritePattern<tensor::ExtractSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractSliceOp op,
                                PatternRewriter &rewriter) const override {
    Value source = getNarrow(op.getSource());
    if (!source)
      return failure();
    replaceByWidened(rewriter, op,
                     tensor::ExtractSliceOp::create(
                         rewriter, op.getLoc(), withElementOf(op, source),
                         source, op.getMixedOffsets(), op.getMixedSizes(),
                         op.getMixedStrides()));
    return success();
  }
};

/// A map with a margin, of a number that is as good when narrow.
struct WidenPadded : OpRewritePattern<tensor::InsertSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::InsertSliceOp op,
                                PatternRewriter &rewriter) const override {
    Value source = getNarrow(op.getSource());
    auto fill = op.getDest().getDefiningOp<linalg::FillOp>();
    FloatAttr number;
    if (!source || !fill ||
        !matchPattern(fill.getInputs().front(), m_Constant(&number)))
      return failure();
    auto element = cast<FloatType>(getElementTypeOrSelf(source));
    APFloat narrow = number.getValue();
    bool isInexact;
    narrow.convert(element.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                   &isInexact);
    if (isInexact)
      return failure();
    LinalgBuilder build(rewriter, op.getLoc());
    Value margin =
        build.filled(withElementOf(op, source), number.getValueAsDouble());
    replaceByWidened(
        rewriter, op,
        tensor::InsertSliceOp::create(rewriter, op.getLoc(), source, margin,
                                      op.getMixedOffsets(), op.getMixedSizes(),
                                      op.getMixedStrides()));
    return success();
  }
};

/// Only a generic op can take a widening in.
struct GeneralizeReader : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<linalg::GenericOp>(op) ||
        llvm::none_of(op.getDpsInputs(), getWidening))
      return failure();
    return linalg::generalizeNamedOp(rewriter, op);
  }
};

//===----------------------------------------------------------------------===//
// Pass Implementation
//===----------------------------------------------------------------------===//

struct FuseWideningPass : dale::impl::FuseWideningBase<FuseWideningPass> {
  using FuseWideningBase::FuseWideningBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<WidenCollapsed, WidenSlice, WidenPadded>(&getContext());
    if (products)
      patterns.add<GeneralizeReader>(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(
        patterns, [this](OpOperand *operand) {
          auto reader = cast<linalg::LinalgOp>(operand->getOwner());
          bool fuses = getWidening(operand->get()) &&
                       (products || !matchProductLoops(reader));
          numFused += fuses;
          return fuses;
        });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
