//===- Loss.cpp - Softmax and cross entropy ---------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/linalg/Lowering.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace dale;

/// Largest logit, and Σ exp(logit − largest), of each image.
static std::pair<Value, Value> softmaxStatistics(LinalgBuilder &build,
                                                 Value logits) {
  OpBuilder &b = build.builder;
  Location loc = build.loc;
  auto perImage = typeOf(logits).clone({dim(logits, 0)});
  Value largest = build.generic(
      2, {{logits, {0, 1}}},
      {{build.filled(perImage, -std::numeric_limits<double>::infinity()), {0}}},
      [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
        return {arith::MaximumFOp::create(b, loc, out[0], in[0])};
      })[0];
  Value exponentials =
      build.generic(2, {{logits, {0, 1}}, {largest, {0}}},
                    {{build.empty(logits.getType()), {0, 1}}},
                    [&](ValueRange in, ValueRange) -> SmallVector<Value> {
                      Value shifted =
                          arith::SubFOp::create(b, loc, in[0], in[1]);
                      return {math::ExpOp::create(b, loc, shifted)};
                    })[0];
  Value sum = build.generic(
      2, {{exponentials, {0, 1}}}, {{build.filled(perImage, 0.0), {0}}},
      [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
        return {arith::AddFOp::create(b, loc, out[0], in[0])};
      })[0];
  return {largest, sum};
}

/// 1 where a class is the image's label, 0 elsewhere: [N, K].
static Value oneHot(LinalgBuilder &build, Value labels, RankedTensorType type) {
  OpBuilder &b = build.builder;
  Location loc = build.loc;
  return build.generic(
      2, {{labels, {0}}}, {{build.empty(type), {0, 1}}},
      [&](ValueRange in, ValueRange) -> SmallVector<Value> {
        Value index = linalg::IndexOp::create(b, loc, 1);
        Value isLabel = arith::CmpIOp::create(
            b, loc, arith::CmpIPredicate::eq, in[0],
            arith::IndexCastOp::create(b, loc, b.getI32Type(), index));
        Type element = type.getElementType();
        return {arith::SelectOp::create(b, loc, isLabel,
                                        build.scalar(element, 1.0),
                                        build.scalar(element, 0.0))};
      })[0];
}

namespace {

struct LowerSoftmaxCrossEntropy : Lowering<SoftmaxCrossEntropyOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SoftmaxCrossEntropyOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    Value logits = operands.getLogits();
    auto [largest, sum] = softmaxStatistics(build, logits);
    Value labels = oneHot(build, operands.getLabels(), typeOf(logits));
    Value right =
        build.generic(2, {{logits, {0, 1}}, {labels, {0, 1}}},
                      {{build.filled(op.getType(), 0.0), {0}}},
                      [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
                        Value term =
                            arith::MulFOp::create(b, loc, in[0], in[1]);
                        return {arith::AddFOp::create(b, loc, out[0], term)};
                      })[0];
    return build.map({largest, sum, right}, op.getType(), [&](ValueRange in) {
      Value total = arith::AddFOp::create(
          b, loc, math::LogOp::create(b, loc, in[1]), in[0]);
      return arith::SubFOp::create(b, loc, total, in[2]);
    });
  }
};

struct LowerSoftmaxCrossEntropyGrad : Lowering<SoftmaxCrossEntropyGradOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SoftmaxCrossEntropyGradOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    Value logits = operands.getLogits();
    auto [largest, sum] = softmaxStatistics(build, logits);
    Value labels = oneHot(build, operands.getLabels(), typeOf(logits));
    return build.generic(
        2,
        {{operands.getCotangent(), {0}},
         {logits, {0, 1}},
         {largest, {0}},
         {sum, {0}},
         {labels, {0, 1}}},
        {{build.empty(op.getType()), {0, 1}}},
        [&](ValueRange in, ValueRange) -> SmallVector<Value> {
          Value shifted = arith::SubFOp::create(b, loc, in[1], in[2]);
          Value share = arith::DivFOp::create(
              b, loc, math::ExpOp::create(b, loc, shifted), in[3]);
          return {arith::MulFOp::create(
              b, loc, in[0], arith::SubFOp::create(b, loc, share, in[4]))};
        })[0];
  }
};

} // namespace

void dale::populateLossLowerings(RewritePatternSet &patterns) {
  patterns.add<LowerSoftmaxCrossEntropy, LowerSoftmaxCrossEntropyGrad>(
      patterns.getContext());
}
