//===- UnrollEpilogues.cpp - Epilogues row by row ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dale {
#define GEN_PASS_DEF_UNROLLEPILOGUES
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct UnrollEpiloguesPass
    : dale::impl::UnrollEpiloguesBase<UnrollEpiloguesPass> {
  void runOnOperation() override;
};

} // namespace

/// The vector that an op works on.
static VectorType getVector(Operation *op) {
  if (auto write = dyn_cast<vector::TransferWriteOp>(op))
    return write.getVectorType();
  if (op->getNumResults() != 1)
    return {};
  return dyn_cast<VectorType>(op->getResult(0).getType());
}

/// A row of the tile of a product that an op goes on with, or of what it goes
/// on with it to.
static std::optional<SmallVector<int64_t>> getRow(Operation *op) {
  if (!isa<scf::ForallOp>(op->getParentOp()) ||
      !(isa<vector::TransferReadOp, vector::TransferWriteOp,
            vector::BroadcastOp>(op) ||
        OpTrait::hasElementwiseMappableTraits(op)))
    return std::nullopt;
  VectorType type = getVector(op);
  if (!type || type.getRank() != 2 || type.getDimSize(0) == 1)
    return std::nullopt;
  return SmallVector<int64_t>{1, type.getDimSize(1)};
}

static bool multiplies(scf::ForallOp tiles) {
  return tiles
      ->walk([](vector::ContractionOp) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

/// Moves what has no effects to where it is first used.
static void sink(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    if (op.hasTrait<OpTrait::IsTerminator>() || op.getNumRegions() != 0 ||
        !isMemoryEffectFree(&op))
      continue;
    Operation *first = nullptr;
    for (Operation *user : op.getUsers()) {
      Operation *here = block.findAncestorOpInBlock(*user);
      if (!first || here->isBeforeInBlock(first))
        first = here;
    }
    if (first)
      op.moveBefore(first);
  }
}

void UnrollEpiloguesPass::runOnOperation() {
  SmallVector<scf::ForallOp> products;
  getOperation().walk([&](scf::ForallOp tiles) {
    if (multiplies(tiles))
      products.push_back(tiles);
  });
  if (products.empty())
    return;
  RewritePatternSet patterns(&getContext());
  vector::populateVectorUnrollPatterns(
      patterns, vector::UnrollVectorOptions().setNativeShapeFn(getRow));
  if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
    return signalPassFailure();
  for (scf::ForallOp tiles : products)
    sink(*tiles.getBody());
}
