//===- GpuReport.h - What GPU code needs of a GPU -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EMIT_GPUREPORT_H
#define DALE_COMPILER_EMIT_GPUREPORT_H

#include "compiler/emit/GpuCode.h"

namespace dale {

/// Registers, memory, barriers and spills of every entry point.
class GpuReport {
public:
  /// Counts what a `gpu.module` has, before it is lowered.
  explicit GpuReport(mlir::ModuleOp device);

  /// Prints a table for one architecture. `log` is what ptxas and nvlink said
  /// of it.
  void print(int architecture, llvm::StringRef log,
             llvm::raw_ostream &os) const;

private:
  struct EntryPoint {
    std::string name;
    /// Bytes of the workspace for a block and an image.
    int64_t perBlock = 0, perImage = 0;
    /// Bytes of shared memory, and what is moved for an image with each.
    llvm::SmallVector<int64_t> shared, movedShared, movedScratch;
    int64_t movedElsewhere = 0;
    int64_t gridBarriers = 0, blockBarriers = 0, kernelCalls = 0;
  };
  void printTraffic(llvm::raw_ostream &os) const;

  llvm::SmallVector<EntryPoint, 4> entryPoints;
  int64_t numKernels = 0;
};

} // namespace dale

#endif // DALE_COMPILER_EMIT_GPUREPORT_H
