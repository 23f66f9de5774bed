//===- FuseFirstUsers.cpp - Maps with several users -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Maps.h"
#include "compiler/lower/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

namespace dale {
#define GEN_PASS_DEF_FUSEFIRSTUSERS
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct FuseFirstUsersPass : dale::impl::FuseFirstUsersBase<FuseFirstUsersPass> {
  using FuseFirstUsersBase::FuseFirstUsersBase;

  void runOnOperation() override;
};

} // namespace

/// The use of a result of `producer` by the first op that uses any of them, if
/// the two can be one op that has the results of both.
static OpOperand *findFirstUse(linalg::GenericOp producer,
                               unsigned maxOperands) {
  Operation *first = nullptr;
  for (Operation *user : producer->getUsers()) {
    if (user->getBlock() != producer->getBlock())
      return nullptr;
    if (!first || user->isBeforeInBlock(first))
      first = user;
  }
  auto consumer = dyn_cast_or_null<linalg::GenericOp>(first);
  if (!consumer || !isMap(consumer))
    return nullptr;
  llvm::SmallDenseSet<Value> operands;
  operands.insert(producer->operand_begin(), producer->operand_end());
  operands.insert(consumer->operand_begin(), consumer->operand_end());
  if (operands.size() > maxOperands)
    return nullptr;
  // One use is fused; others would be left.
  if (llvm::count_if(consumer->getOperands(), [&](Value operand) {
        return operand.getDefiningOp() == producer;
      }) != 1)
    return nullptr;
  for (OpOperand &use : consumer->getOpOperands())
    if (use.get().getDefiningOp() == producer && consumer.isDpsInput(&use) &&
        consumer.getMatchingIndexingMap(&use).isPermutation() &&
        linalg::areElementwiseOpsFusable(&use))
      return &use;
  return nullptr;
}

void FuseFirstUsersPass::runOnOperation() {
  SmallVector<linalg::GenericOp> maps;
  getOperation()->walk([&](linalg::GenericOp op) {
    if (isMap(op))
      maps.push_back(op);
  });
  IRRewriter rewriter(&getContext());
  // From the last to the first: what a user has been fused with is known then.
  for (linalg::GenericOp producer : llvm::reverse(maps)) {
    OpOperand *use = findFirstUse(producer, maxOperands);
    if (!use)
      continue;
    auto consumer = cast<linalg::GenericOp>(use->getOwner());
    rewriter.setInsertionPoint(consumer);
    auto fused = linalg::fuseElementwiseOps(rewriter, use);
    if (failed(fused))
      continue;
    for (auto [value, replacement] : fused->replacements)
      rewriter.replaceUsesWithIf(value, replacement, [&](OpOperand &other) {
        return other.getOwner() != consumer;
      });
    rewriter.eraseOp(consumer);
    rewriter.eraseOp(producer);
    ++numFused;
  }
}
