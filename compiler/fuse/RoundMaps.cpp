//===- RoundMaps.cpp - Maps between stages in bf16 -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/fuse/Passes.h"
#include "dialect/TensorOps.h"

namespace dale {
#define GEN_PASS_DEF_ROUNDMAPS
#include "compiler/fuse/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct RoundMapsPass : dale::impl::RoundMapsBase<RoundMapsPass> {
  void runOnOperation() override;
};

} // namespace

/// A map of f32 for each image, that stages alone read.
static bool isMapBetweenStages(OpResult value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getRank() == 4 && type.isDynamicDim(0) &&
         type.getElementType().isF32() && !value.use_empty() &&
         llvm::all_of(value.getUsers(),
                      [](Operation *user) { return isa<StageOp>(user); });
}

/// The same type with other elements.
static Type withElement(Value value, Type element) {
  return cast<RankedTensorType>(value.getType()).clone(element);
}

static void roundWhereYielded(OpBuilder &builder, OpResult value) {
  auto stage = cast<StageOp>(value.getOwner());
  Operation *yield = stage.getBody().front().getTerminator();
  OpOperand &operand = yield->getOpOperand(value.getResultNumber());
  builder.setInsertionPoint(yield);
  operand.set(arith::TruncFOp::create(
      builder, stage.getLoc(),
      withElement(operand.get(), builder.getBF16Type()), operand.get()));
  value.setType(withElement(value, builder.getBF16Type()));
}

static void widenWhereRead(OpBuilder &builder, OpOperand &use) {
  auto stage = cast<StageOp>(use.getOwner());
  BlockArgument argument = stage.getBody().getArgument(use.getOperandNumber());
  Type wide = argument.getType();
  builder.setInsertionPointToStart(&stage.getBody().front());
  argument.setType(withElement(argument, builder.getBF16Type()));
  auto widened = arith::ExtFOp::create(builder, stage.getLoc(), wide, argument);
  argument.replaceAllUsesExcept(widened, widened);
}

void RoundMapsPass::runOnOperation() {
  OpBuilder builder(&getContext());
  getOperation()->walk([&](StageOp stage) {
    for (OpResult value : stage->getResults())
      if (isMapBetweenStages(value)) {
        roundWhereYielded(builder, value);
        for (OpOperand &use : value.getUses())
          widenWhereRead(builder, use);
        ++numRounded;
      }
  });
}
