//===- Rearrangements.cpp - Pixels and channels in other places -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/linalg/Lowering.h"

using namespace mlir;
using namespace dale;

namespace {

struct LowerSpread : Lowering<SpreadOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SpreadOp op,
              Adaptor operands) const override {
    int64_t top = op.getTop(), left = op.getLeft(), stride = op.getStride();
    return build.insert(operands.getInput(), build.filled(op.getType(), 0.0),
                        {0, top, left, 0}, {1, stride, stride, 1});
  }
};

struct LowerSample : Lowering<SampleOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SampleOp op,
              Adaptor operands) const override {
    RankedTensorType type = typeOf(op.getResult());
    return build.window(operands.getInput(), op.getTop(), op.getLeft(),
                        type.getDimSize(1), type.getDimSize(2), op.getStride());
  }
};

struct LowerJoin : Lowering<JoinOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, JoinOp op,
              Adaptor operands) const override {
    unsigned rank = typeOf(op.getResult()).getRank();
    SmallVector<int64_t> place(rank, 0), strides(rank, 1);
    Value result = build.empty(op.getType());
    for (Value map : operands.getInputs()) {
      result = build.insert(map, result, place, strides);
      place.back() += typeOf(map).getShape().back();
    }
    return result;
  }
};

struct LowerChannels : Lowering<ChannelsOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, ChannelsOp op,
              Adaptor operands) const override {
    RankedTensorType type = typeOf(op.getResult());
    OpBuilder &b = build.builder;
    SmallVector<int64_t> place(type.getRank(), 0), strides(type.getRank(), 1);
    place.back() = op.getFirst();
    return tensor::ExtractSliceOp::create(
        b, op.getLoc(), type, operands.getInput(),
        getAsIndexOpFoldResult(b.getContext(), place),
        getAsIndexOpFoldResult(b.getContext(), type.getShape()),
        getAsIndexOpFoldResult(b.getContext(), strides));
  }
};

} // namespace

void dale::populateRearrangementLowerings(RewritePatternSet &patterns) {
  patterns.add<LowerSpread, LowerSample, LowerJoin, LowerChannels>(
      patterns.getContext());
}
