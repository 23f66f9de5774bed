//===- FoldNorms.cpp - Factors of channels, taken into kernels -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/fuse/Passes.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dale {
#define GEN_PASS_DEF_FOLDNORMS
#include "compiler/fuse/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

/// The number of each channel [C] that a map [N, …, C] repeats.
static Value getPerChannel(Value map) {
  auto broadcast = map.getDefiningOp<BroadcastOp>();
  auto type = cast<RankedTensorType>(map.getType());
  if (!broadcast ||
      cast<RankedTensorType>(broadcast.getInput().getType()).getRank() != 1 ||
      llvm::is_contained(broadcast.getDimensions(), type.getRank() - 1))
    return {};
  return broadcast.getInput();
}

/// Whether a use of a map only takes the batch's size from it.
static bool isLike(OpOperand &use) {
  auto broadcast = dyn_cast<BroadcastOp>(use.getOwner());
  return broadcast && &use != &broadcast.getInputMutable();
}

/// Whether a map is linear in kernels or per-channel numbers that all images
/// share, so that it is another such map times any factor of its channels. What
/// others need as well would have to be computed twice.
static bool canScale(Value map) {
  if (getPerChannel(map))
    return true;
  Operation *op = map.getDefiningOp();
  if (!op || llvm::count_if(map.getUses(),
                            [](OpOperand &use) { return !isLike(use); }) != 1)
    return false;
  if (isa<arith::AddFOp, arith::SubFOp>(op))
    return llvm::all_of(op->getOperands(), canScale);
  if (auto conv = dyn_cast<ConvOp>(op))
    return !isBatched(conv.getKernel().getType());
  auto pointwise = dyn_cast<PointwiseConvOp>(op);
  return pointwise && !isBatched(pointwise.getKernel().getType()) &&
         (!pointwise.getAccumulator() || canScale(pointwise.getAccumulator()));
}

/// A kernel [.., C] or per-channel numbers [C], times factors [C].
static Value scaleChannels(OpBuilder &builder, Location loc, Value kernel,
                           Value factors) {
  auto type = cast<RankedTensorType>(kernel.getType());
  if (type.getRank() > 1)
    factors = BroadcastOp::create(
        builder, loc, type, factors, /*like=*/Value(),
        llvm::to_vector(llvm::seq<int64_t>(type.getRank() - 1)));
  return arith::MulFOp::create(builder, loc, kernel, factors);
}

/// A map that `canScale`, times factors of its channels.
static Value scale(RewriterBase &builder, Value map, Value factors) {
  Operation *op = map.getDefiningOp();
  Location loc = op->getLoc();
  // What it is computed from has as many images.
  if (isBatched(op->getOperand(0).getType()))
    builder.replaceUsesWithIf(map, op->getOperand(0), isLike);
  SmallVector<Value> operands(op->getOperands());
  if (isa<arith::AddFOp, arith::SubFOp>(op)) {
    for (Value &operand : operands)
      operand = scale(builder, operand, factors);
  } else if (Value numbers = getPerChannel(map)) {
    operands[0] = scaleChannels(builder, loc, numbers, factors);
  } else {
    operands[1] = scaleChannels(builder, loc, operands[1], factors);
    // Its accumulator is the last operand, and may be its input too.
    if (auto pointwise = dyn_cast<PointwiseConvOp>(op))
      if (Value sum = pointwise.getAccumulator())
        operands.back() = scale(builder, sum, factors);
  }
  Operation *scaled = builder.clone(*op);
  scaled->setOperands(operands);
  return scaled->getResult(0);
}

namespace {

struct FoldFactors : OpRewritePattern<arith::MulFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::MulFOp op,
                                PatternRewriter &rewriter) const override {
    if (!isBatched(op.getType()))
      return failure();
    for (auto [map, factors] : {std::pair(op.getLhs(), op.getRhs()),
                                std::pair(op.getRhs(), op.getLhs())})
      if (Value perChannel = getPerChannel(factors);
          perChannel && canScale(map)) {
        rewriter.replaceOp(op, scale(rewriter, map, perChannel));
        return success();
      }
    return failure();
  }
};

struct FoldNormsPass : dale::impl::FoldNormsBase<FoldNormsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldFactors>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
