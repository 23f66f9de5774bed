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

/// Chooses the warps of a block with which kernels begin that it runs between
/// two barriers. Many have work for a part of the threads only, or for a part
/// in their last round: if all began with the first warp, that would work
/// alone.
class WarpLoads {
public:
  WarpLoads(llvm::ArrayRef<mlir::func::FuncOp> kernels, int64_t warps);

  /// The warp whose first thread is a kernel's thread 0.
  int64_t getFirstWarp(unsigned kernel) const { return firstWarps[kernel]; }

private:
  int64_t place(int64_t threads, int64_t cost);

  /// What each warp has to do.
  llvm::SmallVector<int64_t> loads;
  llvm::SmallVector<int64_t> firstWarps;
};

} // namespace dale

#endif // DALE_COMPILER_LOWER_GPU_WARPLOADS_H
