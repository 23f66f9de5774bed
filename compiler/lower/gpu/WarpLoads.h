//===- WarpLoads.h - Which warps run a kernel -----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_GPU_WARPLOADS_H
#define DALE_COMPILER_LOWER_GPU_WARPLOADS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace dale {

/// Chooses, for each kernel that a block of so many warps runs between two
/// barriers, the warp whose first thread is its thread 0. Many have work for a
/// part of the threads only, or for a part in their last round: if all began
/// with the first warp, that would work alone.
llvm::SmallVector<int64_t>
chooseFirstWarps(llvm::ArrayRef<mlir::func::FuncOp> kernels, int64_t warps);

} // namespace dale

#endif // DALE_COMPILER_LOWER_GPU_WARPLOADS_H
