//===- GpuCode.h - What is embedded for GPUs -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EMIT_GPUCODE_H
#define DALE_COMPILER_EMIT_GPUCODE_H

#include "compiler/Driver.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace dale {

/// PTX, or the machine code of one architecture.
struct GpuImage {
  /// 80 for sm_80: the oldest that can run it.
  int architecture;
  bool isPtx;
  std::string bytes;
};

/// What an executable knows of its GPU code.
struct GpuCode {
  llvm::SmallVector<GpuImage> images;
  /// Threads a block, and the most blocks that have something to do.
  int64_t block = 0, chunks = 0;
  /// Whether the kernels are functions of the host.
  bool emulated = false;
  /// What products round their factors to.
  Precision precision = Precision::F32;
  /// Of every entry point, by its name without prefix, the bytes that it needs:
  /// {shared, fixed, per_image, per_block}.
  mlir::DictionaryAttr functions;
};

/// What the entry points of a `gpu.module` need.
mlir::DictionaryAttr describeEntryPoints(mlir::ModuleOp device);

/// Makes PTX out of a `gpu.module` in the LLVM dialect, for architecture
/// `oldest` and all later ones.
mlir::FailureOr<std::string> emitPtx(mlir::ModuleOp device, int oldest);

/// Whether this machine has CUDA's assembler and linker.
bool hasPtxAssembler();

/// Assembles PTX for each of the architectures. With `log`, what assembler and
/// linker say about registers and memory is appended to it.
mlir::FailureOr<llvm::SmallVector<GpuImage>>
assemblePtx(mlir::ModuleOp device, llvm::StringRef ptx,
            llvm::ArrayRef<int> architectures, int64_t threads,
            std::string *log = nullptr);

} // namespace dale

#endif // DALE_COMPILER_EMIT_GPUCODE_H
