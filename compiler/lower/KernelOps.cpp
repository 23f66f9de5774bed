//===- KernelOps.cpp - What becomes kernels -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/KernelOps.h"
#include "compiler/lower/Views.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace dale;

void dale::makeCopiesLinalg(Operation *within) {
  SmallVector<memref::CopyOp> copies;
  within->walk([&](memref::CopyOp copy) {
    if (cast<MemRefType>(copy.getSource().getType()).hasStaticShape())
      copies.push_back(copy);
  });
  for (memref::CopyOp copy : copies) {
    OpBuilder builder(copy);
    linalg::CopyOp::create(builder, copy.getLoc(), copy.getSource(),
                           copy.getTarget());
    copy.erase();
  }
}

bool dale::isKernelOp(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  return linalgOp && linalgOp.hasPureBufferSemantics() &&
         !linalgOp.hasDynamicShape();
}

SmallVector<linalg::LinalgOp> dale::getKernelOps(Operation *within) {
  SmallVector<linalg::LinalgOp> ops;
  within->walk([&](linalg::LinalgOp op) {
    if (isKernelOp(op))
      ops.push_back(op);
  });
  return ops;
}

bool dale::isMove(linalg::LinalgOp op) {
  return llvm::hasSingleElement(op->getRegion(0).front());
}

bool dale::readsElsewhere(linalg::LinalgOp op) {
  return op->walk([](memref::LoadOp) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

bool dale::isWritten(linalg::LinalgOp op, Value memref) {
  return llvm::any_of(op.getDpsInits(), [&](Value output) {
    return getViewRoot(output) == getViewRoot(memref);
  });
}

bool dale::isInRegisters(Value memref) {
  auto registers = memref.getDefiningOp<memref::AllocaOp>();
  if (!registers)
    return false;
  int64_t readers = 0;
  for (OpOperand &use : memref.getUses()) {
    auto op = dyn_cast<linalg::LinalgOp>(use.getOwner());
    if (!op || op->getBlock() != registers->getBlock())
      return false;
    readers += op.isDpsInput(&use);
  }
  return readers == 1;
}

bool dale::isProducer(linalg::LinalgOp op) {
  return !isa<linalg::FillOp, linalg::CopyOp>(*op) &&
         llvm::any_of(op.getDpsInits(), isInRegisters);
}

SmallVector<linalg::LinalgOp> dale::getProducers(linalg::LinalgOp op) {
  SmallVector<linalg::LinalgOp> producers;
  for (Value input : op.getDpsInputs())
    if (isInRegisters(input))
      for (Operation *user : input.getUsers())
        if (auto producer = dyn_cast<linalg::LinalgOp>(user);
            producer && isProducer(producer))
          producers.push_back(producer);
  llvm::sort(producers, [](linalg::LinalgOp a, linalg::LinalgOp b) {
    return a->isBeforeInBlock(b);
  });
  return producers;
}

/// Whether an op can start from something else than its output: it goes over
/// all of that, in vectors, and reads it nowhere else.
static bool canStartFrom(linalg::LinalgOp op, Value output) {
  if (cast<MemRefType>(output.getType()).getRank() == 0 ||
      op.hasIndexSemantics())
    return false;
  return !readsElsewhere(op) &&
         llvm::none_of(op.getDpsInputs(), [&](Value input) {
           return getViewRoot(input) == getViewRoot(output);
         });
}

/// Whether an op can take its values from `start`, which fills its output with
/// a constant, or copies to it what the op leaves as it is.
static bool canStartWith(linalg::LinalgOp op, linalg::LinalgOp start) {
  Value input = start->getOperand(0), output = start->getOperand(1);
  return (isa<linalg::FillOp>(start) ? matchPattern(input, m_Constant())
                                     : !isWritten(op, input)) &&
         llvm::is_contained(op.getDpsInits(), output) &&
         canStartFrom(op, output);
}

KernelStarts::KernelStarts(ArrayRef<linalg::LinalgOp> ops) {
  for (linalg::LinalgOp op : ops)
    find(op);
}

ArrayRef<linalg::LinalgOp> KernelStarts::of(linalg::LinalgOp op) const {
  auto found = starts.find(op);
  return found == starts.end() ? ArrayRef<linalg::LinalgOp>() : found->second;
}

void KernelStarts::find(linalg::LinalgOp op) {
  if (isMove(op))
    return;
  // A start moves behind what stands between it and the op: fills of others,
  // and later starts.
  SmallPtrSet<Value, 4> filled, started;
  auto isFilled = [&](Value memref) {
    return isa<MemRefType>(memref.getType()) &&
           filled.contains(getViewRoot(memref));
  };
  auto isStarted = [&](Value memref) { return started.contains(memref); };
  for (Operation *before = op->getPrevNode(); before;
       before = before->getPrevNode()) {
    auto start = dyn_cast<linalg::LinalgOp>(before);
    if (!start && !isPure(before) && !isa<memref::AllocOp>(before))
      return;
    if (!start || all.contains(start))
      continue;
    if (!isa<linalg::FillOp, linalg::CopyOp>(before) ||
        llvm::any_of(before->getOperands(), isFilled) ||
        llvm::any_of(before->getOperands(), isStarted))
      return;
    if (canStartWith(op, start)) {
      starts[op].push_back(start);
      all.insert(start);
      started.insert(start.getDpsInits().front());
    } else if (auto fill = dyn_cast<linalg::FillOp>(before)) {
      filled.insert(getViewRoot(fill.getDpsInits().front()));
    } else {
      return;
    }
  }
}
