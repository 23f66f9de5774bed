//===- Pipeline.h - From stages to GPU code -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_GPU_PIPELINE_H
#define DALE_COMPILER_LOWER_GPU_PIPELINE_H

#include "compiler/lower/Precision.h"
#include "compiler/lower/gpu/ImageBlocks.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace dale {

/// What the GPU pipeline must know of its target.
struct GpuOptions : mlir::PassPipelineOptions<GpuOptions> {
  Option<int64_t> chunks{
      *this, "chunks",
      llvm::cl::desc("parts of a batch that are summed on their own, each by "
                     "one block"),
      llvm::cl::init(128)};
  Option<int64_t> threads{*this, "threads",
                          llvm::cl::desc("threads of a block"),
                          llvm::cl::init(512)};
  // What there is from compute capability 8.0 on, and what H100 has.
  ListOption<int64_t> sharedBytes{
      *this, "shared-bytes",
      llvm::cl::desc("bytes of shared memory that a block may use, ascending: "
                     "the first on all GPUs, the others where they are"),
      llvm::cl::list_init<int64_t>({99 * 1024, 227 * 1024})};
  Option<int64_t> levelBytes{
      *this, "level-bytes",
      llvm::cl::desc("bytes that the maps of a block take before an op has to "
                     "wait"),
      llvm::cl::init(768 * 1024)};
  Option<ImageBlocks> imageBlocks{
      *this, "image-blocks", llvm::cl::desc("how many blocks work on an image"),
      llvm::cl::init(ImageBlocks::Auto),
      llvm::cl::values(
          clEnumValN(ImageBlocks::Auto, "auto", "by the size of its maps"),
          clEnumValN(ImageBlocks::One, "one", "one alone"),
          clEnumValN(ImageBlocks::Several, "several",
                     "as many as there are for each image"))};
  Option<Precision> precision{
      *this, "precision",
      llvm::cl::desc("what factors of products are rounded to"),
      llvm::cl::init(Precision::F32),
      llvm::cl::values(clEnumValN(Precision::F32, "f32", "not rounded"),
                       clEnumValN(Precision::TF32, "tf32", "10 bits"),
                       clEnumValN(Precision::BF16, "bf16", "7 bits"))};
};

/// Stages → one `gpu.func` an entry point.
void buildGpuPipeline(mlir::OpPassManager &pm, const GpuOptions &options);

/// `gpu.func` → the LLVM dialect with NVVM's ops, in the same `gpu.module`.
void buildNvvmPipeline(mlir::OpPassManager &pm);

/// Registers `dale-lower-gpu` and `dale-lower-nvvm`.
void registerGpuPipelines();

} // namespace dale

#endif // DALE_COMPILER_LOWER_GPU_PIPELINE_H
