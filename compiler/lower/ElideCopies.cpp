//===- ElideCopies.cpp - Work where a copy would go -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace dale {
#define GEN_PASS_DEF_ELIDECOPIES
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// A range of elements of a memref.
struct Place {
  Value base;
  int64_t begin = 0, end = 0;

  bool operator==(const Place &other) const {
    return base == other.base && begin == other.begin && end == other.end;
  }
};

struct ElideCopiesPass : dale::impl::ElideCopiesBase<ElideCopiesPass> {
  void runOnOperation() override {
    SmallVector<memref::AllocOp> allocations;
    getOperation().walk([&](memref::AllocOp op) { allocations.push_back(op); });
    for (memref::AllocOp allocation : allocations)
      numElided += elide(allocation);
  }

private:
  bool elide(memref::AllocOp allocation);
};

} // namespace

/// The elements between the first and the last of a memref, counted from the
/// closest memref that it is a view of at a known offset.
static Place getPlace(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!type.hasStaticShape() ||
      failed(type.getStridesAndOffset(strides, offset)) ||
      ShapedType::isDynamicShape(strides))
    return {memref, 0, std::numeric_limits<int64_t>::max()};
  Place place{memref, 0, 1};
  for (auto [size, stride] : llvm::zip(type.getShape(), strides))
    place.end += (size - 1) * stride;

  while (auto view = place.base.getDefiningOp<ViewLikeOpInterface>()) {
    if (auto subview = dyn_cast<memref::SubViewOp>(*view)) {
      auto offsets = getConstantIntValues(subview.getMixedOffsets());
      SmallVector<int64_t> sourceStrides;
      int64_t ignored;
      if (!offsets ||
          failed(subview.getSourceType().getStridesAndOffset(sourceStrides,
                                                             ignored)) ||
          ShapedType::isDynamicShape(sourceStrides))
        break;
      for (auto [index, stride] : llvm::zip(*offsets, sourceStrides)) {
        place.begin += index * stride;
        place.end += index * stride;
      }
    } else if (!isa<memref::CastOp, memref::CollapseShapeOp,
                    memref::ExpandShapeOp>(*view)) {
      break;
    }
    place.base = view.getViewSource();
  }
  return place;
}

static Value getRoot(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

/// Whether two places may have an element in common. Allocations and arguments
/// do not overlap.
static bool mayOverlap(const Place &a, const Place &b) {
  if (getRoot(a.base) != getRoot(b.base))
    return false;
  return a.base != b.base || (a.begin < b.end && b.begin < a.end);
}

/// Whether an op may read or write a place.
static bool mayAccess(Operation *op, const Place &place) {
  auto effects = getEffectsRecursively(op);
  if (!effects)
    return true;
  return llvm::any_of(*effects, [&](const MemoryEffects::EffectInstance &it) {
    if (isa<MemoryEffects::Allocate>(it.getEffect()))
      return false;
    Value value = it.getValue();
    return !value || !isa<MemRefType>(value.getType()) ||
           mayOverlap(getPlace(value), place);
  });
}

/// An allocation that is copied from one place and worked on: the work is done
/// in that place, if nothing else goes on there until the result is copied
/// back, or ever, where it is not.
bool ElideCopiesPass::elide(memref::AllocOp allocation) {
  Block *block = allocation->getBlock();
  memref::CopyOp in, out;
  for (Operation *user : allocation->getUsers()) {
    if (user->getBlock() != block || isa<ViewLikeOpInterface>(user))
      return false;
    auto copy = dyn_cast<memref::CopyOp>(user);
    if (!copy)
      continue;
    memref::CopyOp &found = copy.getTarget() == allocation ? in : out;
    if (found)
      return false;
    found = copy;
  }
  if (!in)
    return false;
  Value source = in.getSource();
  Place place = getPlace(source);
  if (out && (source.getType() != out.getTarget().getType() ||
              !(place == getPlace(out.getTarget()))))
    return false;
  // Without a copy back the place must be nobody's afterwards, not even in
  // another turn of a loop.
  auto root = getRoot(source).getDefiningOp<memref::AllocOp>();
  if (!out && (!root || root->getBlock() != block ||
               llvm::any_of(block->getTerminator()->getOperandTypes(),
                            llvm::IsaPred<BaseMemRefType>)))
    return false;
  for (Operation *user : allocation->getUsers())
    if (user->isBeforeInBlock(in) || (out && out->isBeforeInBlock(user)))
      return false;
  Operation *end = out ? out.getOperation() : block->getTerminator();
  for (Operation *op = in->getNextNode(); op != end; op = op->getNextNode())
    if (mayAccess(op, place))
      return false;
  in->erase();
  if (out)
    out->erase();
  allocation.replaceAllUsesWith(source);
  allocation.erase();
  return true;
}
