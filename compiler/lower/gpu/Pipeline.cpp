//===- Pipeline.cpp - From stages to GPU code -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Pipeline.h"
#include "compiler/fuse/Passes.h"
#include "compiler/lower/Pipeline.h"
#include "compiler/lower/gpu/Passes.h"
#include "compiler/lower/gpu/Warp.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace dale;

/// One function at a time, and several at once: kernels call each other, but
/// what is cleaned up in one depends on no other.
static void cleanUpKernels(OpPassManager &device) {
  OpPassManager &functions = device.nestAny();
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
}

void dale::buildGpuPipeline(OpPassManager &pm, const GpuOptions &options) {
  if (options.precision == Precision::BF16) {
    // Whose weights they are is seen where all stages are.
    pm.addPass(createInlinerPass());
    pm.addPass(createRoundWeights());
    pm.addPass(createOutlineStages());
  }
  LowerStagesOptions stages;
  stages.chunks = options.chunks;
  buildStagesPipeline(pm, stages, {}, [&](OpPassManager &nested) {
    addToFunctions(nested, createFuseWidening());
    cleanUpFunctions(nested);
    if (options.precision == Precision::BF16) {
      addToFunctions(nested, createRoundFactors());
      // Who computes a factor rounds it.
      cleanUpFunctions(nested);
      addToFunctions(nested, createFuseElementwise());
      cleanUpFunctions(nested);
    }
    addToFunctions(nested, createExpandProducts());
    SplitSumsOptions sums;
    sums.threads = options.threads;
    addToFunctions(nested, createSplitSums(sums));
  });
  addToFunctions(pm, createDropMargins());
  cleanUpFunctions(pm);
  addToFunctions(pm, createFuseEpilogues());
  ScheduleLevelsOptions levels;
  levels.bytes = options.levelBytes;
  levels.imageBlocks = options.imageBlocks;
  if (!options.sharedBytes.empty()) // which the next pass refuses
    levels.sharedBytes = *std::prev(options.sharedBytes.end());
  addToFunctions(pm, createScheduleLevels(levels));
  PadRowsOptions rows;
  rows.precision = options.precision;
  rows.imageBlocks = levels.imageBlocks;
  rows.sharedBytes = levels.sharedBytes;
  addToFunctions(pm, createPadRows(rows));
  PlanBlockMemoryOptions memory;
  llvm::append_range(memory.sharedBytes, options.sharedBytes);
  memory.imageBlocks = options.imageBlocks;
  pm.addPass(createPlanBlockMemory(memory));
  buildKernelsPipeline(pm);

  MapToTensorCoresOptions tensorCores;
  tensorCores.precision = options.precision;
  tensorCores.warps = options.threads / warpSize;
  addToFunctions(pm, createMapToTensorCores(tensorCores));

  // A vector is what one access to memory moves; registers hold the tile of
  // one of many threads.
  TileAndVectorizeOptions tiling;
  tiling.vectorBits = 128;
  tiling.numRegisters = 16;
  tiling.threads = options.threads;
  buildVectorizePipeline(pm, tiling, [](OpPassManager &nested) {
    addToFunctions(nested, createGuardMargins());
    addToFunctions(nested, createUnrollEpilogues());
  });
  addToFunctions(pm, createLowerVectors());
  addToFunctions(pm, createConvertLinalgToLoopsPass());
  cleanUpFunctions(pm);
  MapToGpuOptions mapping;
  mapping.threads = options.threads;
  pm.addPass(createMapToGpu(mapping));
  OpPassManager &device = pm.nest<gpu::GPUModuleOp>();
  cleanUpKernels(device);
  device.addPass(createAlignAccesses());
}

void dale::buildNvvmPipeline(OpPassManager &pm) {
  OpPassManager &device = pm.nest<gpu::GPUModuleOp>();
  device.addPass(createLowerGridBarrier());
  OpPassManager &functions = device.nestAny();
  functions.addPass(memref::createExpandStridedMetadataPass());
  functions.addPass(createLowerAffinePass());
  cleanUpKernels(device);
  device.nestAny().addPass(createSCFToControlFlowPass());
  device.addPass(createConvertToNvvm());
  cleanUpKernels(device);
}

void dale::registerGpuPipelines() {
  PassPipelineRegistration<GpuOptions>("dale-lower-gpu",
                                       "lowers outlined stages to GPU kernels",
                                       buildGpuPipeline);
  PassPipelineRegistration<>("dale-lower-nvvm",
                             "lowers GPU kernels to the LLVM dialect",
                             buildNvvmPipeline);
}
