//===- Hazards.h - Which accesses to memory need a barrier -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_GPU_HAZARDS_H
#define DALE_COMPILER_LOWER_GPU_HAZARDS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"

namespace dale {

/// What an op reads or writes: a range of a buffer. Buffers are the arguments
/// of an entry point, the scratch memories cut out of its workspace, and the
/// block's shared memory: none overlaps another.
struct Access {
  mlir::Value buffer;
  /// Where the range begins, if that is not known before run time. Two values
  /// of a stage that begin at different places do not overlap (OffsetPlanner);
  /// places are the same where they are computed alike.
  mlir::Value dynamicOffset;
  /// The range in bytes, behind the dynamic offset.
  int64_t begin = 0, end = 0;
  bool writes = false;

  bool conflictsWith(const Access &other) const;
};

/// What an op that is no call accesses. Emits an error where that cannot be
/// known.
mlir::FailureOr<llvm::SmallVector<Access>> getAccesses(mlir::Operation *op);

/// Knows what the kernels of a module do with their arguments.
class KernelAccesses {
public:
  explicit KernelAccesses(mlir::ModuleOp module);

  /// What a call of a kernel, or any other op, accesses. Emits an error where
  /// that cannot be known.
  mlir::FailureOr<llvm::SmallVector<Access>> of(mlir::Operation *op) const;

private:
  struct Argument {
    bool reads = false, writes = false;
  };
  llvm::DenseMap<mlir::StringAttr, llvm::SmallVector<Argument>> kernels;
};

/// The accesses between two barriers.
class Hazards {
public:
  void add(llvm::ArrayRef<Access> more) {
    accesses.append(more.begin(), more.end());
  }
  /// Whether one of the accesses and one of these meet, and one of the two
  /// writes.
  bool conflictsWith(llvm::ArrayRef<Access> more) const;

private:
  llvm::SmallVector<Access> accesses;
};

} // namespace dale

#endif // DALE_COMPILER_LOWER_GPU_HAZARDS_H
