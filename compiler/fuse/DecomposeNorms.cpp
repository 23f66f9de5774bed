//===- DecomposeNorms.cpp - Batch norms as sums and point-wise ops -*- C++
//-*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/fuse/Passes.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dale {
#define GEN_PASS_DEF_DECOMPOSENORMS
#include "compiler/fuse/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// Arithmetic on maps [N, …, C] and on their channels [C].
class ChannelBuilder {
public:
  /// `map` is any value of the maps' type, `count` the batch's size.
  ChannelBuilder(PatternRewriter &rewriter, Location loc, Value map,
                 Value channels, Value count)
      : rewriter(rewriter), loc(loc), map(map), channels(channels) {
    auto type = cast<RankedTensorType>(map.getType());
    dimensions = llvm::to_vector(llvm::seq<int64_t>(type.getRank() - 1));
    int64_t pixels = 1;
    for (int64_t size : type.getShape().drop_front().drop_back())
      pixels *= size;
    Value perImage = createSplat(rewriter, loc, pixels, count);
    Value samples = mul(count, perImage);
    numSamples = BroadcastOp::create(rewriter, loc, channels.getType(), samples,
                                     /*like=*/Value(), ArrayRef<int64_t>{0});
  }

  Value add(Value a, Value b) {
    return arith::AddFOp::create(rewriter, loc, a, b);
  }
  Value sub(Value a, Value b) {
    return arith::SubFOp::create(rewriter, loc, a, b);
  }
  Value mul(Value a, Value b) {
    return arith::MulFOp::create(rewriter, loc, a, b);
  }
  Value div(Value a, Value b) {
    return arith::DivFOp::create(rewriter, loc, a, b);
  }
  Value constant(double value) {
    return createSplat(rewriter, loc, value, channels);
  }
  /// [C] → [N, …, C].
  Value spread(Value perChannel) {
    return BroadcastOp::create(rewriter, loc, map.getType(), perChannel, map,
                               dimensions);
  }
  /// [N, …, C] → [C].
  Value sum(Value values) {
    return ReduceOp::create(rewriter, loc, channels.getType(), values,
                            /*accumulator=*/Value(), dimensions);
  }
  /// A sum over all samples, as their mean.
  Value mean(Value sum) { return div(sum, numSamples); }
  /// 1 / sqrt(variance + ε).
  Value inverseDeviation(Value variance, double epsilon) {
    Value shifted = add(variance, constant(epsilon));
    Value deviation = math::SqrtOp::create(rewriter, loc, shifted);
    return div(constant(1.0), deviation);
  }

private:
  PatternRewriter &rewriter;
  Location loc;
  Value map, channels, numSamples;
  SmallVector<int64_t> dimensions;
};

struct DecomposeForward : OpRewritePattern<BatchNormOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BatchNormOp op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getInput();
    ChannelBuilder build(rewriter, op.getLoc(), x, op.getScale(),
                         op.getCount());
    Value mean = build.mean(build.sum(x));
    Value meanSquare = build.mean(build.sum(build.mul(x, x)));
    // Rounding can make the difference negative where all samples are equal.
    Value variance = arith::MaximumFOp::create(
        rewriter, op.getLoc(), build.sub(meanSquare, build.mul(mean, mean)),
        build.constant(0.0));
    Value scale = build.mul(
        op.getScale(),
        build.inverseDeviation(variance, op.getEpsilon().convertToDouble()));
    Value offset = build.sub(op.getOffset(), build.mul(mean, scale));
    Value result =
        build.add(build.mul(x, build.spread(scale)), build.spread(offset));
    rewriter.replaceOp(op, {result, mean, variance});
    return success();
  }
};

/// With x̂ the normalized input, n samples and a = scale / deviation:
/// dx = a ∘ (dy − Σdy / n − x̂ ∘ Σ(dy ∘ x̂) / n), which is linear in dy and x.
struct DecomposeGradient : OpRewritePattern<BatchNormGradOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BatchNormGradOp op,
                                PatternRewriter &rewriter) const override {
    Value dy = op.getCotangent(), x = op.getInput();
    ChannelBuilder build(rewriter, op.getLoc(), x, op.getScale(),
                         op.getCount());
    Value inverse = build.inverseDeviation(op.getVariance(),
                                           op.getEpsilon().convertToDouble());
    Value shift = build.mul(op.getMean(), inverse);
    Value normalized =
        build.sub(build.mul(x, build.spread(inverse)), build.spread(shift));
    Value offsetGrad = build.sum(dy);
    Value scaleGrad = build.sum(build.mul(dy, normalized));

    Value scale = build.mul(op.getScale(), inverse);
    Value slope = build.mul(build.mul(scale, inverse), build.mean(scaleGrad));
    Value constant = build.sub(build.mul(slope, op.getMean()),
                               build.mul(scale, build.mean(offsetGrad)));
    Value dx = build.add(build.sub(build.mul(dy, build.spread(scale)),
                                   build.mul(x, build.spread(slope))),
                         build.spread(constant));
    rewriter.replaceOp(op, {dx, scaleGrad, offsetGrad});
    return success();
  }
};

struct DecomposeNormsPass : dale::impl::DecomposeNormsBase<DecomposeNormsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<DecomposeForward, DecomposeGradient>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
