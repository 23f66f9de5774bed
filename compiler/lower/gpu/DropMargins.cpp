//===- DropMargins.cpp - Maps without margins in memory --------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ImageLoops.h"
#include "compiler/lower/PaddedMaps.h"
#include "compiler/lower/Products.h"
#include "compiler/lower/Views.h"
#include "compiler/lower/gpu/Passes.h"
#include "dialect/DeviceOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/RegionUtils.h"

namespace dale {
#define GEN_PASS_DEF_DROPMARGINS
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct DropMarginsPass : dale::impl::DropMarginsBase<DropMarginsPass> {
  using DropMarginsBase::DropMarginsBase;

  void runOnOperation() override {
    for (scf::ForOp loop : getImageLoops(getOperation()))
      for (auto alloc :
           llvm::make_early_inc_range(loop.getOps<memref::AllocOp>()))
        if (std::optional<PaddedMap> map = matchPaddedMap(alloc);
            map && canDrop(*map))
          drop(loop, *map);
  }

private:
  static bool canDrop(PaddedMap map);
  void drop(scf::ForOp loop, PaddedMap map);
  Value findSource(scf::ForOp loop, Value map);
};

} // namespace

/// Whether an op may have a window that reaches into a margin: its reads are
/// guarded then. Products read whole tiles.
static bool canReadMargin(OpOperand &use) {
  auto op = dyn_cast<linalg::GenericOp>(use.getOwner());
  return op && op.isDpsInput(&use) && !op.hasIndexSemantics() &&
         !matchProductLoops(op);
}

bool DropMarginsPass::canDrop(PaddedMap map) {
  if (llvm::any_of(map.inside.getStaticStrides(),
                   [](int64_t stride) { return stride != 1; }))
    return false;
  return llvm::all_of(map.alloc->getUsers(), [&](Operation *user) {
    if (user == map.fill)
      return true;
    auto view = dyn_cast<memref::SubViewOp>(user);
    if (!view || !isFixed(view) ||
        view.getType().getRank() != map.alloc.getType().getRank())
      return false;
    if (!haveSamePlace(view, map.inside))
      return llvm::all_of(view->getUses(), canReadMargin);
    return llvm::all_of(view->getUsers(), [](Operation *op) {
      return isa<linalg::LinalgOp, memref::CopyOp>(op);
    });
  });
}

/// What a map is only a copy of, if that stays as it is, and few ops read the
/// copy: they read the other then.
Value DropMarginsPass::findSource(scf::ForOp loop, Value map) {
  SmallVector<OpOperand *> accesses;
  addAccesses(map, accesses);
  memref::CopyOp copy;
  SmallPtrSet<Operation *, 4> readers;
  for (OpOperand *access : accesses) {
    if (!*isOutput(*access)) {
      readers.insert(access->getOwner());
      continue;
    }
    if (copy || !isa<memref::CopyOp>(access->getOwner()))
      return {};
    copy = cast<memref::CopyOp>(access->getOwner());
  }
  if (!copy || static_cast<int64_t>(readers.size()) > copiedReads)
    return {};
  Value source = copy.getSource();
  Value root = getViewRoot(source);
  if (!isa<BlockArgument>(root))
    return {};
  SmallVector<OpOperand *> others;
  addAccesses(root, others);
  for (OpOperand *access : others)
    if (loop->isAncestor(access->getOwner()) &&
        isOutput(*access).value_or(true))
      return {};
  return source;
}

void DropMarginsPass::drop(scf::ForOp loop, PaddedMap map) {
  OpBuilder builder(map.alloc);
  Location loc = map.alloc.getLoc();
  auto type = MemRefType::get(map.inside.getStaticSizes(),
                              map.alloc.getType().getElementType());
  auto alloc = memref::AllocOp::create(builder, loc, type, ValueRange(),
                                       map.alloc.getAlignmentAttr());
  SmallVector<int64_t> low(map.inside.getStaticOffsets()), high;
  for (auto [whole, before, size] :
       llvm::zip(map.alloc.getType().getShape(), low, type.getShape()))
    high.push_back(whole - before - size);
  auto padded = PaddedOp::create(builder, loc, map.alloc.getType(), alloc, low,
                                 high, map.number);
  map.fill->erase();
  SmallVector<memref::SubViewOp> insides;
  for (Operation *user : llvm::make_early_inc_range(map.alloc->getUsers())) {
    auto view = cast<memref::SubViewOp>(user);
    if (haveSamePlace(view, map.inside))
      insides.push_back(view);
    else
      view.getSourceMutable().assign(padded);
  }
  for (memref::SubViewOp view : insides) {
    view.replaceAllUsesWith(alloc.getMemref());
    view.erase();
  }
  map.alloc->erase();
  ++numMaps;

  // The source's view may stand behind the allocation.
  IRRewriter rewriter(builder);
  Value source = findSource(loop, alloc);
  if (!source || failed(moveValueDefinitions(rewriter, source, padded)))
    return;
  for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
    if (auto copy = dyn_cast<memref::CopyOp>(user);
        copy && copy.getTarget() == alloc)
      copy->erase();
  alloc.replaceAllUsesWith(source);
  alloc->erase();
  ++numCopies;
}
