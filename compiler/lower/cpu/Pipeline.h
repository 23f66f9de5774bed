//===- Pipeline.h - From stages to LLVM -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_CPU_PIPELINE_H
#define DALE_COMPILER_LOWER_CPU_PIPELINE_H

#include "compiler/CacheSizes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace dale {

/// What the CPU pipeline must know of its target.
struct CpuOptions : mlir::PassPipelineOptions<CpuOptions> {
  Option<int64_t> vectorBits{*this, "vector-bits",
                             llvm::cl::desc("width of a vector register"),
                             llvm::cl::init(512)};
  Option<int64_t> numRegisters{*this, "num-registers",
                               llvm::cl::desc("number of vector registers"),
                               llvm::cl::init(32)};
  Option<int64_t> cacheBytes{*this, "cache-bytes",
                             llvm::cl::desc("bytes of the first-level cache"),
                             llvm::cl::init(usualCacheBytes)};
  Option<int64_t> secondCacheBytes{
      *this, "second-cache-bytes",
      llvm::cl::desc("bytes of the second-level cache, of one core"),
      llvm::cl::init(usualSecondCacheBytes)};
  Option<bool> bf16Instructions{
      *this, "bf16-instructions",
      llvm::cl::desc("the processor has instructions for bf16"),
      llvm::cl::init(false)};
  Option<bool> packProducts{
      *this, "pack-products",
      llvm::cl::desc("round factors of products to bf16, for dot products"),
      llvm::cl::init(false)};
};

/// Stages → loops over images, in which each image is linalg on tensors.
void buildLoopsPipeline(mlir::OpPassManager &pm, const CpuOptions &options);

/// Linalg on tensors → vectors on memrefs.
void buildVectorPipeline(mlir::OpPassManager &pm, const CpuOptions &options);

/// Vectors on memrefs → the LLVM dialect, with OpenMP for the parallel loops.
void buildLLVMPipeline(mlir::OpPassManager &pm, const CpuOptions &options);

/// Registers `dale-lower-cpu`: all of it.
void registerCpuPipeline();

} // namespace dale

#endif // DALE_COMPILER_LOWER_CPU_PIPELINE_H
