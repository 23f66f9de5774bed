//===- HoistMargins.cpp - Margins of maps, filled once ---------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ImageLoops.h"
#include "compiler/lower/cpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace dale {
#define GEN_PASS_DEF_HOISTMARGINS
#include "compiler/lower/cpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// A map with margins: filled, and then written to in one part, its inside.
struct PaddedMap {
  memref::AllocOp alloc;
  linalg::FillOp fill;
  TypedAttr number;
  memref::SubViewOp inside;
  /// The last op that reads or writes it.
  Operation *last;
};

struct HoistMarginsPass : dale::impl::HoistMarginsBase<HoistMarginsPass> {
  void runOnOperation() override {
    for (scf::ForOp loop : getImageLoops(getOperation()))
      hoistFrom(loop);
  }

private:
  void hoistFrom(scf::ForOp loop);
};

} // namespace

/// Whether two maps are equal wherever only their fills have written.
static bool haveSameMargins(PaddedMap a, PaddedMap b) {
  return a.alloc.getType() == b.alloc.getType() && a.number == b.number &&
         a.inside.getStaticOffsets() == b.inside.getStaticOffsets() &&
         a.inside.getStaticSizes() == b.inside.getStaticSizes() &&
         a.inside.getStaticStrides() == b.inside.getStaticStrides();
}

/// Adds what reads or writes a buffer, by itself or through views of it.
static void addAccesses(Value buffer, SmallVectorImpl<OpOperand *> &accesses) {
  for (OpOperand &use : buffer.getUses()) {
    if (auto view = dyn_cast<ViewLikeOpInterface>(use.getOwner()))
      addAccesses(view.getViewDest(), accesses);
    else
      accesses.push_back(&use);
  }
}

/// Whether an access is an output, if it is known to be that or an input.
static std::optional<bool> isOutput(OpOperand &access) {
  Operation *op = access.getOwner();
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return linalgOp.isDpsInit(&access);
  if (auto copy = dyn_cast<memref::CopyOp>(op))
    return &access == &copy.getTargetMutable();
  return std::nullopt;
}

/// Whether an output is written from end to end, whatever was there.
static bool overwrites(OpOperand &output) {
  auto op = dyn_cast<linalg::LinalgOp>(output.getOwner());
  return !op || (op.getNumReductionLoops() == 0 &&
                 op.getMatchingIndexingMap(&output).isPermutation() &&
                 !op.payloadUsesValueFromOperand(&output));
}

static std::optional<PaddedMap> matchPaddedMap(memref::AllocOp alloc) {
  SmallVector<OpOperand *> accesses;
  addAccesses(alloc.getMemref(), accesses);
  if (accesses.empty() || llvm::any_of(accesses, [&](OpOperand *access) {
        return access->getOwner()->getBlock() != alloc->getBlock();
      }))
    return std::nullopt;
  llvm::stable_sort(accesses, [](OpOperand *a, OpOperand *b) {
    return a->getOwner() != b->getOwner() &&
           a->getOwner()->isBeforeInBlock(b->getOwner());
  });

  PaddedMap map{alloc,
                dyn_cast<linalg::FillOp>(accesses.front()->getOwner()),
                {},
                {},
                accesses.back()->getOwner()};
  if (!map.fill || map.fill.getOutputs().front() != alloc.getMemref() ||
      !matchPattern(map.fill.getInputs().front(), m_Constant(&map.number)))
    return std::nullopt;
  ArrayRef<OpOperand *> others = ArrayRef(accesses).drop_front();
  for (OpOperand *access : others) {
    std::optional<bool> output = isOutput(*access);
    if (!output)
      return std::nullopt;
    if (!*output)
      continue;
    auto part = access->get().getDefiningOp<memref::SubViewOp>();
    if (!part || part.getSource() != alloc.getMemref() ||
        !part.getOffsets().empty() || !part.getSizes().empty() ||
        !part.getStrides().empty())
      return std::nullopt;
    PaddedMap same = map;
    same.inside = part;
    if (map.inside && !haveSameMargins(map, same))
      return std::nullopt;
    map.inside = part;
  }
  // What the last image left inside nobody sees.
  if (!map.inside || !*isOutput(*others.front()) ||
      !overwrites(*others.front()) ||
      (others.size() > 1 && others[1]->getOwner() == others[0]->getOwner()))
    return std::nullopt;
  return map;
}

/// Fills what lies around a map's inside: for each dimension what comes before
/// it and behind it, of rows that the dimensions before have left over.
static void fillMargins(OpBuilder &builder, Value buffer, PaddedMap map) {
  Location loc = map.fill.getLoc();
  Value number = arith::ConstantOp::create(builder, loc, map.number);
  memref::SubViewOp inside = map.inside;
  if (llvm::any_of(inside.getStaticStrides(),
                   [](int64_t stride) { return stride != 1; })) {
    linalg::FillOp::create(builder, loc, number, buffer);
    return;
  }
  ArrayRef<int64_t> shape = map.alloc.getType().getShape();
  SmallVector<OpFoldResult> strides(shape.size(), builder.getIndexAttr(1));
  SmallVector<int64_t> offsets(shape.size(), 0), sizes(shape);
  auto fill = [&] {
    if (llvm::is_contained(sizes, 0))
      return;
    Value margin = memref::SubViewOp::create(
        builder, loc, buffer,
        getAsIndexOpFoldResult(builder.getContext(), offsets),
        getAsIndexOpFoldResult(builder.getContext(), sizes), strides);
    linalg::FillOp::create(builder, loc, number, margin);
  };
  for (auto [dimension, size] : llvm::enumerate(shape)) {
    int64_t begin = inside.getStaticOffsets()[dimension];
    int64_t length = inside.getStaticSizes()[dimension];
    sizes[dimension] = begin;
    fill();
    offsets[dimension] = begin + length;
    sizes[dimension] = size - begin - length;
    fill();
    offsets[dimension] = begin;
    sizes[dimension] = length;
  }
}

void HoistMarginsPass::hoistFrom(scf::ForOp loop) {
  SmallVector<PaddedMap> maps;
  for (auto alloc : loop.getOps<memref::AllocOp>())
    if (std::optional<PaddedMap> map = matchPaddedMap(alloc))
      maps.push_back(*map);
  if (maps.empty())
    return;

  // A loop without images needs no margins.
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  Value hasImages =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt,
                            loop.getLowerBound(), loop.getUpperBound());
  auto fills = scf::IfOp::create(builder, loc, hasImages);

  // Maps with the same margins take turns in one buffer: `last` is what needs
  // it for the last time so far.
  struct Buffer {
    Value memref;
    PaddedMap map;
    Operation *last;
  };
  SmallVector<Buffer> buffers;
  for (PaddedMap &map : maps) {
    auto *free = llvm::find_if(buffers, [&](const Buffer &buffer) {
      return haveSameMargins(buffer.map, map) &&
             buffer.last->isBeforeInBlock(map.fill);
    });
    if (free == buffers.end()) {
      builder.setInsertionPoint(fills);
      auto alloc =
          cast<memref::AllocOp>(builder.clone(*map.alloc.getOperation()));
      builder.setInsertionPoint(fills.thenBlock()->getTerminator());
      fillMargins(builder, alloc.getMemref(), map);
      buffers.push_back({alloc.getMemref(), map, {}});
      free = &buffers.back();
      ++numFills;
    }
    free->last = map.last;
    map.alloc.getMemref().replaceAllUsesWith(free->memref);
    ++numMaps;
  }
  for (PaddedMap &map : maps) {
    map.fill.erase();
    map.alloc.erase();
  }
}
