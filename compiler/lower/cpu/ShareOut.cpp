//===- ShareOut.cpp - Large ops among threads ------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/KernelOps.h"
#include "compiler/lower/cpu/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace dale {
#define GEN_PASS_DEF_SHAREOUT
#include "compiler/lower/cpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct ShareOutPass : dale::impl::ShareOutBase<ShareOutPass> {
  using ShareOutBase::ShareOutBase;

  void runOnOperation() override {
    if (parts < 1) {
      getOperation().emitError("parts must be positive");
      return signalPassFailure();
    }
    makeCopiesLinalg(getOperation());
    SmallVector<linalg::LinalgOp> large;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (isLarge(op))
        large.push_back(op);
    });
    for (linalg::LinalgOp op : large)
      if (failed(shareOut(op)))
        return signalPassFailure();
    numShared += large.size();
  }

private:
  bool isLarge(linalg::LinalgOp op);
  LogicalResult shareOut(linalg::LinalgOp op);
};

} // namespace

/// Whether threads that wait for the op, which is done once, would take a good
/// part of it.
bool ShareOutPass::isLarge(linalg::LinalgOp op) {
  SmallVector<int64_t> loops = op.getStaticLoopRanges();
  if (op->getParentOfType<LoopLikeOpInterface>() ||
      !op.hasPureBufferSemantics() || loops.empty() ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      ShapedType::isDynamicShape(loops) || loops.front() < parts)
    return false;
  return ShapedType::getNumElements(loops) >= elements;
}

/// The op for a part of its outermost loop.
static LogicalResult createPart(OpBuilder &builder, linalg::LinalgOp op,
                                OpFoldResult begin, int64_t size) {
  SmallVector<OpFoldResult> offsets(op.getNumLoops(), builder.getIndexAttr(0)),
      sizes;
  for (int64_t range : op.getStaticLoopRanges())
    sizes.push_back(builder.getIndexAttr(range));
  offsets.front() = begin;
  sizes.front() = builder.getIndexAttr(size);
  return cast<TilingInterface>(op.getOperation())
      .getTiledImplementation(builder, offsets, sizes);
}

LogicalResult ShareOutPass::shareOut(linalg::LinalgOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  // Vectors of a part are whole, and begin where lines of the cache do.
  constexpr int64_t line = 16;
  SmallVector<int64_t> loops = op.getStaticLoopRanges();
  int64_t unit = loops.size() == 1 && loops.front() >= line * parts ? line : 1;
  int64_t size = loops.front() / (parts * unit) * unit;
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value each = index(size);
  auto loop =
      scf::ParallelOp::create(builder, loc, ValueRange{index(0)},
                              ValueRange{index(parts)}, ValueRange{index(1)});
  if (int64_t rest = loops.front() - parts * size)
    if (failed(
            createPart(builder, op, builder.getIndexAttr(parts * size), rest)))
      return op->emitOpError("cannot be cut into parts");
  builder.setInsertionPointToStart(loop.getBody());
  Value begin =
      arith::MulIOp::create(builder, loc, loop.getInductionVars()[0], each);
  if (failed(createPart(builder, op, begin, size)))
    return op->emitOpError("cannot be cut into parts");
  op->erase();
  return success();
}
