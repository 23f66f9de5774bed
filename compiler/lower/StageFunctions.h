//===- StageFunctions.h - Stages as functions on memrefs -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_STAGEFUNCTIONS_H
#define DALE_COMPILER_LOWER_STAGEFUNCTIONS_H

#include "dialect/TensorOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace dale {

/// What a stage's function on memrefs expects, in this order: one memref for
/// each input and one for each result of the stage, then for each result that
/// is summed over images its partial sums, and a thread's scratch memory.
struct StageFunction {
  mlir::func::FuncOp function;
  /// Types of the partial sums, [chunks, …].
  llvm::SmallVector<mlir::MemRefType> partialSums;
};

/// Rewrites an outlined stage in place. A batch is worked on in so many chunks;
/// what is summed over them, if it is large, is shared out in so many parts.
StageFunction lowerStageFunction(mlir::func::FuncOp function, int64_t chunks,
                                 int64_t sumParts);

/// The scratch memory that such a function has for what it allocates. Reports
/// an error for one that has none.
mlir::FailureOr<mlir::Value> getScratch(mlir::func::FuncOp function);

/// The memref with a tensor's shape.
mlir::MemRefType getMemRefType(mlir::Type tensor);

} // namespace dale

#endif // DALE_COMPILER_LOWER_STAGEFUNCTIONS_H
