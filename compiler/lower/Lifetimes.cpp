//===- Lifetimes.cpp - How long buffers are needed -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Lifetimes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using namespace dale;

Lifetimes::Lifetimes(func::FuncOp function) : flow(function) {
  DenseSet<Block *> inLevels;
  function.walk([&](gpu::BarrierOp op) { inLevels.insert(op->getBlock()); });
  int64_t position = 0;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<gpu::BarrierOp>(op) || !inLevels.contains(op->getBlock()))
      ++position;
    begins[op] = position;
  });
  function.walk<WalkOrder::PostOrder>([&](Operation *op) {
    int64_t end = begins[op];
    for (Region &region : op->getRegions())
      for (Block &block : region)
        if (!block.empty())
          end = std::max(end, ends[&block.back()]);
    ends[op] = end;
  });
}

std::pair<int64_t, int64_t> Lifetimes::get(memref::AllocOp alloc) const {
  Block *home = alloc->getBlock();
  int64_t begin = begins.lookup(alloc), end = begin;
  for (Value alias : flow.resolve(alloc.getMemref()))
    for (Operation *user : alias.getUsers())
      if (Operation *ancestor = home->findAncestorOpInBlock(*user))
        end = std::max(end, ends.lookup(ancestor));
  return {begin, end};
}

int64_t dale::getBytes(MemRefType type) {
  return type.getNumElements() *
         llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}
