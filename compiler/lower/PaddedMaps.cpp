//===- PaddedMaps.cpp - Maps with margins -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/PaddedMaps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace dale;

bool dale::haveSameMargins(PaddedMap a, PaddedMap b) {
  return a.alloc.getType() == b.alloc.getType() && a.number == b.number &&
         haveSamePlace(a.inside, b.inside);
}

bool dale::isFixed(memref::SubViewOp view) {
  return view.getOffsets().empty() && view.getSizes().empty() &&
         view.getStrides().empty();
}

bool dale::haveSamePlace(memref::SubViewOp a, memref::SubViewOp b) {
  return a.getStaticOffsets() == b.getStaticOffsets() &&
         a.getStaticSizes() == b.getStaticSizes() &&
         a.getStaticStrides() == b.getStaticStrides();
}

void dale::addAccesses(Value buffer, SmallVectorImpl<OpOperand *> &accesses) {
  for (OpOperand &use : buffer.getUses()) {
    if (auto view = dyn_cast<ViewLikeOpInterface>(use.getOwner()))
      addAccesses(view.getViewDest(), accesses);
    else
      accesses.push_back(&use);
  }
}

std::optional<bool> dale::isOutput(OpOperand &access) {
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

std::optional<PaddedMap> dale::matchPaddedMap(memref::AllocOp alloc) {
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
    if (!part || part.getSource() != alloc.getMemref() || !isFixed(part))
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
