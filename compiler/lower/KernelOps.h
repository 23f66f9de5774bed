//===- KernelOps.h - What becomes kernels -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_KERNELOPS_H
#define DALE_COMPILER_LOWER_KERNELOPS_H

#include "dialect/Dialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

namespace dale {

/// Makes copies of static shape linalg ops, to be vectorized like everything
/// else.
void makeCopiesLinalg(mlir::Operation *within);

/// Whether an op becomes a kernel: linalg on buffers of static shape.
bool isKernelOp(mlir::Operation *op);

/// The ops that become kernels.
llvm::SmallVector<mlir::linalg::LinalgOp> getKernelOps(mlir::Operation *within);

/// Whether an op only moves data. On tensors a copy of everything would fold
/// away, and come back as a copy that nobody vectorizes.
bool isMove(mlir::linalg::LinalgOp op);

/// Whether an op reads memory that is none of its operands.
bool readsElsewhere(mlir::linalg::LinalgOp op);

/// Whether an op writes to what is another view of the same memory.
bool isWritten(mlir::linalg::LinalgOp op, mlir::Value memref);

/// Whether a memref is nowhere in memory: a `memref.alloca` for what ops of a
/// kernel compute and one other goes on with, thread by thread, in registers.
bool isInRegisters(mlir::Value memref);

/// Whether what an op computes is there for another op of its kernel alone.
bool isProducer(mlir::linalg::LinalgOp op);

/// The ops whose results this one goes on with in registers, as parts of the
/// same kernel, in the order of the program.
llvm::SmallVector<mlir::linalg::LinalgOp>
getProducers(mlir::linalg::LinalgOp op);

/// The fills and copies that kernels start from: those just before an op that
/// fill its outputs, or copy something there, for it alone.
class KernelStarts {
public:
  explicit KernelStarts(llvm::ArrayRef<mlir::linalg::LinalgOp> ops);

  /// Those of an op, found from it backwards.
  llvm::ArrayRef<mlir::linalg::LinalgOp> of(mlir::linalg::LinalgOp op) const;
  /// Those of all ops, which are parts of kernels.
  llvm::ArrayRef<mlir::Operation *> getAll() const { return all.getArrayRef(); }
  bool contains(mlir::Operation *op) const { return all.contains(op); }

private:
  void find(mlir::linalg::LinalgOp op);

  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::linalg::LinalgOp>>
      starts;
  llvm::SetVector<mlir::Operation *> all;
};

} // namespace dale

#endif // DALE_COMPILER_LOWER_KERNELOPS_H
