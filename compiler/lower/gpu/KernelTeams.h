//===- KernelTeams.h - Kernels shared out among threads ---------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_GPU_KERNELTEAMS_H
#define DALE_COMPILER_LOWER_GPU_KERNELTEAMS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace dale {

/// The threads that run a kernel together: this one's number among them, and
/// how many there are.
struct Team {
  mlir::Value number, size;
};

/// Gives a kernel the team that runs it, as its last two arguments: what is
/// parallel is shared out, and what is not is done by the team's first thread.
/// Fails where a parallel loop has no constant bounds, or works on tensors.
mlir::LogicalResult mapKernel(mlir::func::FuncOp function);

/// How many threads a kernel has work for, before it is mapped.
int64_t getIterations(mlir::func::FuncOp kernel);

} // namespace dale

#endif // DALE_COMPILER_LOWER_GPU_KERNELTEAMS_H
