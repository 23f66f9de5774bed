//===- PadRows.cpp - Rows that begin at different banks ---------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ImageLoops.h"
#include "compiler/lower/PaddedMaps.h"
#include "compiler/lower/gpu/Passes.h"
#include "compiler/lower/gpu/TensorCores.h"
#include "compiler/lower/gpu/Warp.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace dale {
#define GEN_PASS_DEF_PADROWS
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct PadRowsPass : dale::impl::PadRowsBase<PadRowsPass> {
  using PadRowsBase::PadRowsBase;

  void runOnOperation() override;
};

} // namespace

/// Whether all rows of a map begin at the same bank.
static bool hasConflicts(MemRefType map) {
  Type element = map.getElementType();
  return map.hasStaticShape() && map.getRank() > 1 &&
         map.getLayout().isIdentity() &&
         (element.isF32() || element.isBF16()) &&
         map.getShape().back() * element.getIntOrFloatBitWidth() / 8 %
                 allBanks ==
             0;
}

/// Whether products on tensor cores read a map.
static bool isFactor(memref::AllocOp map, Precision precision) {
  SmallVector<OpOperand *> accesses;
  addAccesses(map, accesses);
  return llvm::any_of(accesses, [&](OpOperand *access) {
    auto product = dyn_cast<linalg::LinalgOp>(access->getOwner());
    return product && product.isDpsInput(access) &&
           matchMatrixProduct(product, precision);
  });
}

/// Whether rows need not lie one behind the other for all that sees a map.
static bool canBeStrided(Value map) {
  return llvm::all_of(map.getUsers(), [](Operation *user) {
    if (isa<linalg::LinalgOp, memref::CopyOp>(user))
      return true;
    auto collapse = dyn_cast<memref::CollapseShapeOp>(user);
    return collapse && collapse.getReassociationIndices().back().size() == 1 &&
           canBeStrided(collapse.getResult());
  });
}

/// Gives what sees a map the strides of that.
static void setLayout(Value map, MemRefType type) {
  map.setType(type);
  for (Operation *user : map.getUsers())
    if (auto collapse = dyn_cast<memref::CollapseShapeOp>(user))
      setLayout(collapse.getResult(),
                memref::CollapseShapeOp::computeCollapsedType(
                    type, collapse.getReassociationIndices()));
}

/// Makes a map the part of one with longer rows.
static void pad(memref::AllocOp map) {
  OpBuilder builder(map);
  Location loc = map.getLoc();
  MemRefType type = map.getType();
  SmallVector<int64_t> shape(type.getShape());
  shape.back() += rowPadding * 8 / type.getElementTypeBitWidth();
  auto longer = memref::AllocOp::create(
      builder, loc, MemRefType(MemRefType::Builder(type).setShape(shape)),
      ValueRange(), map.getAlignmentAttr());
  SmallVector<OpFoldResult> zeros(type.getRank(), builder.getIndexAttr(0)),
      ones(type.getRank(), builder.getIndexAttr(1));
  auto part = memref::SubViewOp::create(
      builder, loc, longer, zeros,
      getAsIndexOpFoldResult(builder.getContext(), type.getShape()), ones);
  map.replaceAllUsesWith(part.getResult());
  map.erase();
  setLayout(part, part.getType());
}

void PadRowsPass::runOnOperation() {
  // Several blocks have no shared memory in common.
  if (precision == Precision::F32 ||
      !isBlockAlone(imageBlocks, getOperation(), sharedBytes))
    return;
  for (scf::ForOp loop : getImageLoops(getOperation()))
    for (auto map : llvm::make_early_inc_range(loop.getOps<memref::AllocOp>()))
      if (hasConflicts(map.getType()) && isFactor(map, precision) &&
          canBeStrided(map)) {
        pad(map);
        ++numPadded;
      }
}
