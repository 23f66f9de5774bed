//===- HoistMargins.cpp - Margins of maps, filled once ---------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ImageLoops.h"
#include "compiler/lower/PaddedMaps.h"
#include "compiler/lower/cpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace dale {
#define GEN_PASS_DEF_HOISTMARGINS
#include "compiler/lower/cpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct HoistMarginsPass : dale::impl::HoistMarginsBase<HoistMarginsPass> {
  void runOnOperation() override {
    for (scf::ForOp loop : getImageLoops(getOperation()))
      hoistFrom(loop);
  }

private:
  void hoistFrom(scf::ForOp loop);
};

} // namespace

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
