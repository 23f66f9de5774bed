//===- Lifetimes.h - How long buffers are needed -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_LIFETIMES_H
#define DALE_COMPILER_LOWER_LIFETIMES_H

#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/DenseMap.h"

namespace dale {

/// Lifetimes of allocations, as positions in the order of a function's ops. A
/// buffer that is used in a loop, but allocated outside of it, lives until the
/// loop's end. What many threads do between two barriers (`gpu.barrier`) has
/// one position: they do it in any order.
class Lifetimes {
public:
  explicit Lifetimes(mlir::func::FuncOp function);

  /// The first and the last position.
  std::pair<int64_t, int64_t> get(mlir::memref::AllocOp alloc) const;

private:
  mlir::BufferViewFlowAnalysis flow;
  llvm::DenseMap<mlir::Operation *, int64_t> begins, ends;
};

/// Bytes of a memref of static shape without gaps.
int64_t getBytes(mlir::MemRefType type);

} // namespace dale

#endif // DALE_COMPILER_LOWER_LIFETIMES_H
