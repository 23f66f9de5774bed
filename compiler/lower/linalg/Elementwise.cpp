//===- Elementwise.cpp - Sums and element-wise functions --------*- C++ -*-===//
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

/// Dimensions of a tensor of the given rank that are not in `dimensions`.
static SmallVector<unsigned> remaining(int64_t rank,
                                       ArrayRef<int64_t> dimensions) {
  SmallVector<unsigned> rest;
  for (int64_t i = 0; i < rank; ++i)
    if (!llvm::is_contained(dimensions, i))
      rest.push_back(i);
  return rest;
}

namespace {

struct LowerBroadcast : Lowering<BroadcastOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, BroadcastOp op,
              Adaptor operands) const override {
    unsigned rank = typeOf(op.getResult()).getRank();
    return build.generic(
        rank, {{operands.getInput(), remaining(rank, op.getDimensions())}},
        {{build.empty(op.getType()),
          llvm::to_vector(llvm::seq<unsigned>(rank))}},
        [](ValueRange in, ValueRange) -> SmallVector<Value> {
          return {in[0]};
        })[0];
  }
};

struct LowerReduce : Lowering<ReduceOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, ReduceOp op,
              Adaptor operands) const override {
    unsigned rank = typeOf(op.getInput()).getRank();
    return build.generic(
        rank,
        {{operands.getInput(), llvm::to_vector(llvm::seq<unsigned>(rank))}},
        {{accumulatorOf(build, op, operands.getAccumulator()),
          remaining(rank, op.getDimensions())}},
        [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
          return {
              arith::AddFOp::create(build.builder, op.getLoc(), out[0], in[0])};
        })[0];
  }
};

struct LowerWhere : Lowering<WhereOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, WhereOp op,
              Adaptor operands) const override {
    return build.map(operands.getOperands(), op.getType(), [&](ValueRange in) {
      return arith::SelectOp::create(build.builder, op.getLoc(),
                                     isGreater(build, in[0], in[1]), in[2],
                                     in[3]);
    });
  }
};

struct LowerSigmoid : Lowering<SigmoidOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SigmoidOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    return build.map(operands.getInput(), op.getType(), [&](ValueRange in) {
      Value one = build.scalar(in[0].getType(), 1.0);
      Value decayed =
          math::ExpOp::create(b, loc, arith::NegFOp::create(b, loc, in[0]));
      return arith::DivFOp::create(b, loc, one,
                                   arith::AddFOp::create(b, loc, one, decayed));
    });
  }
};

/// max(x, 0) + log(1 + exp(−|x|)).
struct LowerSoftplus : Lowering<SoftplusOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SoftplusOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    return build.map(operands.getInput(), op.getType(), [&](ValueRange in) {
      Type type = in[0].getType();
      Value size = math::AbsFOp::create(b, loc, in[0]);
      Value decayed =
          math::ExpOp::create(b, loc, arith::NegFOp::create(b, loc, size));
      Value one = build.scalar(type, 1.0), zero = build.scalar(type, 0.0);
      Value rest = math::LogOp::create(
          b, loc, arith::AddFOp::create(b, loc, one, decayed));
      Value positive = arith::MaximumFOp::create(b, loc, in[0], zero);
      return arith::AddFOp::create(b, loc, positive, rest);
    });
  }
};

} // namespace

void dale::populateElementwiseLowerings(RewritePatternSet &patterns) {
  patterns.add<LowerBroadcast, LowerReduce, LowerWhere, LowerSigmoid,
               LowerSoftplus>(patterns.getContext());
}
