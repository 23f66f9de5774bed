//===- Hazards.cpp - Which accesses to memory need a barrier -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Hazards.h"
#include "compiler/lower/Lifetimes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace dale;

bool Access::conflictsWith(const Access &other) const {
  return (writes || other.writes) && buffer == other.buffer &&
         dynamicOffset == other.dynamicOffset && begin < other.end &&
         other.begin < end;
}

bool Hazards::conflictsWith(ArrayRef<Access> more) const {
  return llvm::any_of(more, [&](const Access &access) {
    return llvm::any_of(accesses, [&](const Access &before) {
      return before.conflictsWith(access);
    });
  });
}

/// The value that views of a memref were made from: a `memref.view`, or what
/// none of these ops made.
static Value getRoot(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>()) {
    if (isa<memref::ViewOp>(view))
      break;
    memref = view.getViewSource();
  }
  return memref;
}

static Access describe(Value memref) {
  Value root = getRoot(memref);
  auto view = root.getDefiningOp<memref::ViewOp>();
  if (!view)
    return {root, {}, 0, std::numeric_limits<int64_t>::max()};
  Access access{view.getSource(), {}, 0, 0};
  MemRefType type = view.getType();
  access.end = type.hasStaticShape() ? getBytes(type)
                                     : std::numeric_limits<int64_t>::max();
  if (auto offset = getConstantIntValue(view.getByteShift())) {
    access.begin = *offset;
    if (type.hasStaticShape())
      access.end += *offset;
  } else {
    access.dynamicOffset = view.getByteShift();
  }
  return access;
}

KernelAccesses::KernelAccesses(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function->hasAttr("dale.kernel"))
      continue;
    SmallVector<Argument> &arguments = kernels[function.getSymNameAttr()];
    arguments.resize(function.getNumArguments());
    function.walk([&](MemoryEffectOpInterface op) {
      SmallVector<MemoryEffects::EffectInstance> effects;
      op.getEffects(effects);
      for (const MemoryEffects::EffectInstance &effect : effects) {
        if (!effect.getValue())
          continue;
        auto argument = dyn_cast<BlockArgument>(getRoot(effect.getValue()));
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
  SmallVector<Access> accesses;
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto kernel = kernels.find(call.getCalleeAttr().getAttr());
    if (kernel == kernels.end())
      return op->emitOpError("calls what is no kernel");
    for (auto [operand, argument] :
         llvm::zip(call.getOperands(), kernel->second)) {
      if (!argument.reads && !argument.writes)
        continue;
      accesses.push_back(describe(operand));
      accesses.back().writes = argument.writes;
    }
    return accesses;
  }
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
