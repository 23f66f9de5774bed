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
    /// Bytes: of shared memory, and of the workspace for a block and an image.
    int64_t shared = 0, perBlock = 0, perImage = 0;
    int64_t gridBarriers = 0, blockBarriers = 0, kernelCalls = 0;
  };
  llvm::SmallVector<EntryPoint> entryPoints;
  int64_t numKernels = 0;
};

} // namespace dale

#endif // DALE_COMPILER_EMIT_GPUREPORT_H
