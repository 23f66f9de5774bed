//===- FuseEpilogues.cpp - What goes on with a product ----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ImageLoops.h"
#include "compiler/lower/KernelOps.h"
#include "compiler/lower/Products.h"
#include "compiler/lower/gpu/Hazards.h"
#include "compiler/lower/gpu/Passes.h"
#include "dialect/DeviceOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace dale {
#define GEN_PASS_DEF_FUSEEPILOGUES
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// Products that are summed in one place, and what is done with the sums.
struct Epilogue {
  memref::AllocOp sums;
  /// Makes the sums what they are before the products.
  linalg::LinalgOp start;
  SmallVector<linalg::LinalgOp> products;
  linalg::GenericOp op;
};

struct FuseEpiloguesPass : dale::impl::FuseEpiloguesBase<FuseEpiloguesPass> {
  using FuseEpiloguesBase::FuseEpiloguesBase;

  void runOnOperation() override;
};

} // namespace

/// Whether an op computes each element of its outputs from those at the same
/// place of its inputs, or from such as are the same for many.
static bool isElementwise(linalg::GenericOp op) {
  auto isInMargin = [](Value memref) {
    auto view = memref.getDefiningOp<memref::SubViewOp>();
    return view && view.getSource().getDefiningOp<PaddedOp>();
  };
  return op.hasPureBufferSemantics() && !op.hasDynamicShape() &&
         op.getNumLoops() == op.getNumParallelLoops() &&
         !op.hasIndexSemantics() && !readsElsewhere(op) &&
         llvm::all_of(
             op.getIndexingMapsArray(),
             [](AffineMap map) { return map.isProjectedPermutation(); }) &&
         llvm::none_of(op.getDpsInputs(), isInMargin);
}

/// Whether an op writes an element of every output for each of an input's.
static bool goesOver(linalg::GenericOp op, OpOperand *input) {
  AffineMap map = op.getMatchingIndexingMap(input);
  return map.isPermutation() &&
         llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
           return op.getMatchingIndexingMap(&init) == map &&
                  !op.payloadUsesValueFromOperand(&init);
         });
}

/// Nothing but products, what they start from, and the op uses the sums.
static std::optional<Epilogue> match(linalg::GenericOp op, OpOperand *input) {
  auto alloc = input->get().getDefiningOp<memref::AllocOp>();
  if (!alloc || alloc->getBlock() != op->getBlock() || !goesOver(op, input))
    return std::nullopt;
  Epilogue epilogue{alloc, {}, {}, op};
  for (OpOperand &use : alloc->getUses()) {
    if (&use == input)
      continue;
    auto other = dyn_cast<linalg::LinalgOp>(use.getOwner());
    if (!other || !other.isDpsInit(&use) ||
        other->getBlock() != op->getBlock() || !other->isBeforeInBlock(op))
      return std::nullopt;
    if (isa<linalg::FillOp, linalg::CopyOp>(*other)) {
      if (epilogue.start)
        return std::nullopt;
      epilogue.start = other;
    } else if (matchProductLoops(other) &&
               other.getMatchingIndexingMap(&use).isProjectedPermutation()) {
      epilogue.products.push_back(other);
    } else {
      return std::nullopt;
    }
  }
  llvm::sort(epilogue.products, [](linalg::LinalgOp a, linalg::LinalgOp b) {
    return a->isBeforeInBlock(b);
  });
  if (!epilogue.start || epilogue.products.empty() ||
      !epilogue.start->isBeforeInBlock(epilogue.products.front()))
    return std::nullopt;
  return epilogue;
}

/// Whether the products, and what they start from, can be done where the op is,
/// by threads that write some of the op's outputs while others still read
/// factors.
static FailureOr<bool> canFuse(Epilogue epilogue) {
  SmallVector<Operation *> moved{epilogue.start};
  llvm::append_range(moved, epilogue.products);
  Hazards hazards;
  for (Operation *op : moved) {
    auto accesses = getAccesses(op);
    if (failed(accesses))
      return failure();
    hazards.add(*accesses);
  }
  for (Operation *op = moved.front();; op = op->getNextNode()) {
    if (!llvm::is_contained(moved, op) && !isPure(op)) {
      auto accesses = getAccesses(op);
      if (failed(accesses))
        return failure();
      // The op reads what the products wrote.
      if (op == epilogue.op)
        llvm::erase_if(*accesses,
                       [](const Access &access) { return !access.writes; });
      if (hazards.conflictsWith(*accesses))
        return false;
    }
    if (op == epilogue.op)
      return true;
  }
}

static void fuse(Epilogue epilogue) {
  OpBuilder builder(epilogue.sums);
  auto registers = memref::AllocaOp::create(builder, epilogue.sums.getLoc(),
                                            epilogue.sums.getType());
  epilogue.sums.replaceAllUsesWith(registers.getMemref());
  epilogue.sums->erase();
  epilogue.start->moveBefore(epilogue.op);
  for (linalg::LinalgOp product : epilogue.products)
    product->moveBefore(epilogue.op);
}

void FuseEpiloguesPass::runOnOperation() {
  makeCopiesLinalg(getOperation());
  for (scf::ForOp loop : getImageLoops(getOperation()))
    for (auto op :
         llvm::make_early_inc_range(loop.getOps<linalg::GenericOp>())) {
      if (!isElementwise(op))
        continue;
      unsigned held = 0;
      for (OpOperand *input : op.getDpsInputOperands()) {
        std::optional<Epilogue> epilogue;
        if (held < sums)
          epilogue = match(op, input);
        if (!epilogue)
          continue;
        FailureOr<bool> can = canFuse(*epilogue);
        if (failed(can))
          return signalPassFailure();
        if (!*can)
          continue;
        fuse(*epilogue);
        ++held;
        numFused += epilogue->products.size();
      }
    }
}
