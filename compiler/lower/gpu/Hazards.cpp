//===- Hazards.cpp - Which accesses to memory need a barrier -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Hazards.h"
#include "compiler/lower/KernelOps.h"
#include "compiler/lower/Lifetimes.h"
#include "compiler/lower/Views.h"
#include "dialect/DeviceOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace dale;

/// Whether two offsets are one value, or are computed alike.
static LogicalResult checkSameOffset(Value a, Value b) {
  if (a == b)
    return success();
  Operation *first = a ? a.getDefiningOp() : nullptr;
  Operation *second = b ? b.getDefiningOp() : nullptr;
  auto inAnyOrder = [](ValueRange a, ValueRange b) {
    return success(std::is_permutation(
        a.begin(), a.end(), b.begin(), b.end(),
        [](Value a, Value b) { return succeeded(checkSameOffset(a, b)); }));
  };
  return success(first && second && isPure(first) &&
                 OperationEquivalence::isEquivalentTo(
                     first, second, checkSameOffset, /*markEquivalent=*/nullptr,
                     OperationEquivalence::IgnoreLocations, inAnyOrder));
}

bool Access::conflictsWith(const Access &other) const {
  return (writes || other.writes) && buffer == other.buffer &&
         begin < other.end && other.begin < end &&
         succeeded(checkSameOffset(dynamicOffset, other.dynamicOffset));
}

bool Hazards::conflictsWith(ArrayRef<Access> more) const {
  return llvm::any_of(more, [&](const Access &access) {
    return llvm::any_of(accesses, [&](const Access &before) {
      return before.conflictsWith(access);
    });
  });
}

/// The bytes that a memref covers of the memory its root begins at: those from
/// its first to its last element, where its layout says so.
static std::pair<int64_t, int64_t> getRange(Value memref) {
  // A cast only forgets where its operand begins.
  while (auto cast = memref.getDefiningOp<memref::CastOp>())
    memref = cast.getSource();
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  constexpr int64_t unknown = std::numeric_limits<int64_t>::max();
  if (!type.hasStaticShape() ||
      failed(type.getStridesAndOffset(strides, offset)) ||
      ShapedType::isDynamic(offset) || ShapedType::isDynamicShape(strides))
    return {0, unknown};
  int64_t last = offset;
  for (auto [size, stride] : llvm::zip(type.getShape(), strides))
    last += (size - 1) * stride;
  int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  return {offset * bytes, (last + 1) * bytes};
}

/// Without a margin that is nowhere in memory, all of what has it.
static Value getInMemory(Value memref) {
  for (Value value = memref;;) {
    auto view = value.getDefiningOp<ViewLikeOpInterface>();
    if (!view)
      return memref;
    value = view.getViewSource();
    if (isa<PaddedOp>(*view))
      return getInMemory(value);
  }
}

static Access describe(Value memref) {
  memref = getInMemory(memref);
  Value root = getViewRoot(memref);
  Access access{root, {}};
  std::tie(access.begin, access.end) = getRange(memref);
  auto view = root.getDefiningOp<memref::ViewOp>();
  if (!view)
    return access;
  access.buffer = view.getSource();
  constexpr int64_t unknown = std::numeric_limits<int64_t>::max();
  if (access.end == unknown && view.getType().hasStaticShape())
    access.end = getBytes(view.getType());
  if (auto offset = getConstantIntValue(view.getByteShift())) {
    access.begin += *offset;
    if (access.end != unknown)
      access.end += *offset;
  } else {
    access.dynamicOffset = view.getByteShift();
  }
  return access;
}

FailureOr<SmallVector<Access>> dale::getAccesses(Operation *op) {
  SmallVector<Access> accesses;
  auto effects = getEffectsRecursively(op);
  if (!effects)
    return op->emitOpError("has unknown effects: it cannot be put on a GPU");
  for (const MemoryEffects::EffectInstance &effect : *effects) {
    if (!effect.getValue())
      return op->emitOpError("has unknown effects: it cannot be put on a GPU");
    accesses.push_back(describe(effect.getValue()));
    accesses.back().writes = isa<MemoryEffects::Write>(effect.getEffect());
  }
  return accesses;
}

KernelAccesses::KernelAccesses(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!isKernel(function))
      continue;
    SmallVector<Argument> &arguments = kernels[function.getSymNameAttr()];
    arguments.resize(function.getNumArguments());
    function.walk([&](MemoryEffectOpInterface op) {
      SmallVector<MemoryEffects::EffectInstance> effects;
      op.getEffects(effects);
      for (const MemoryEffects::EffectInstance &effect : effects) {
        if (!effect.getValue())
          continue;
        auto argument = dyn_cast<BlockArgument>(getViewRoot(effect.getValue()));
        if (!argument || argument.getOwner() != &function.getBody().front())
          continue;
        Argument &known = arguments[argument.getArgNumber()];
        known.reads |= isa<MemoryEffects::Read>(effect.getEffect());
        known.writes |= isa<MemoryEffects::Write>(effect.getEffect());
      }
    });
  }
}

FailureOr<SmallVector<Access>> KernelAccesses::of(Operation *op) const {
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto kernel = kernels.find(call.getCalleeAttr().getAttr());
    if (kernel == kernels.end())
      return op->emitOpError("calls what is no kernel");
    SmallVector<Access> accesses;
    for (auto [operand, argument] :
         llvm::zip(call.getOperands(), kernel->second)) {
      if (!argument.reads && !argument.writes)
        continue;
      accesses.push_back(describe(operand));
      accesses.back().writes = argument.writes;
    }
    return accesses;
  }
  return getAccesses(op);
}
