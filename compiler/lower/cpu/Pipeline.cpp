//===- Pipeline.cpp - From stages to LLVM -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/cpu/Pipeline.h"
#include "compiler/lower/OffsetPlanner.h"
#include "compiler/lower/Pipeline.h"
#include "compiler/lower/cpu/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace dale;

void dale::buildLoopsPipeline(OpPassManager &pm, const CpuOptions &options) {
  LowerStagesOptions stages;
  stages.sumParts = 16;
  stages.reuseInputs = true;
  stages.apart = OffsetPlanner::alignment;
  FuseMultiOutputOptions fusion;
  fusion.fuseSums = true;
  buildStagesPipeline(pm, stages, fusion, [&](OpPassManager &nested) {
    if (!options.packProducts) {
      FuseWideningOptions widening;
      widening.products = false;
      addToFunctions(nested, createFuseWidening(widening));
      cleanUpFunctions(nested);
      addToFunctions(nested, createFuseElementwise());
      cleanUpFunctions(nested);
      PadFactorsOptions padding;
      padding.cacheBytes = options.cacheBytes;
      addToFunctions(nested, createPadFactors(padding));
      return;
    }
    PackProductsOptions packing;
    packing.lanes = options.vectorBits / 32;
    addToFunctions(nested, createPackProducts(packing));
    // Who computes a factor rounds it.
    cleanUpFunctions(nested);
    addToFunctions(nested, createFuseElementwise());
  });
  addToFunctions(pm, createHoistMargins());
  PlanScratchOptions scratch;
  scratch.apart = OffsetPlanner::alignment;
  pm.addPass(createPlanScratch(scratch));
  pm.addPass(createKeepStages());
  addToFunctions(pm, createShareOut());
  buildKernelsPipeline(pm);
}

void dale::buildVectorPipeline(OpPassManager &pm, const CpuOptions &options) {
  TileAndVectorizeOptions tiling;
  tiling.vectorBits = options.vectorBits;
  tiling.numRegisters = options.numRegisters;
  tiling.cacheBytes = options.cacheBytes;
  tiling.secondCacheBytes = options.secondCacheBytes;
  buildVectorizePipeline(pm, tiling);
  pm.addPass(createPrefetchMaps());
  cleanUpFunctions(pm);
}

/// Converts ops of some dialects. Those of memrefs, control flow and OpenMP
/// have passes for it that run on modules; this one runs on many functions at a
/// time. All of its patterns succeed, so it need not be able to take them back.
static std::unique_ptr<Pass>
createToLLVM(std::initializer_list<std::string> dialects) {
  ConvertToLLVMPassOptions options;
  options.filterDialects = dialects;
  options.allowPatternRollback = false;
  return createConvertToLLVMPass(std::move(options));
}

void dale::buildLLVMPipeline(OpPassManager &pm, const CpuOptions &options) {
  LowerBF16Options bf16;
  bf16.instructions = options.bf16Instructions;
  bf16.lanes = options.vectorBits / 32;
  addToFunctions(pm, createLowerBF16(bf16));
  addToFunctions(pm, createLowerVectors());
  addToFunctions(pm, createConvertLinalgToLoopsPass());
  addToFunctions(pm, memref::createExpandStridedMetadataPass());
  addToFunctions(pm, createLowerAffinePass());
  cleanUpFunctions(pm);
  pm.addPass(createConvertSCFToOpenMPPass());
  addToFunctions(pm, createScheduleChunks());
  ConvertVectorToLLVMPassOptions vectors;
  vectors.x86Vector = true;
  addToFunctions(pm, createConvertVectorToLLVMPass(vectors));
  // OpenMP's bodies are allocation scopes of one block: those go with the
  // memrefs, before loops become several blocks.
  addToFunctions(pm, createToLLVM({"memref"}));
  addToFunctions(pm, createSCFToControlFlowPass());
  addToFunctions(pm,
                 createToLLVM({"arith", "cf", "index", "math", "omp", "ub"}));
  // Constants lie in the module.
  pm.addPass(createToLLVM({"func", "memref"}));
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addNestedPass<LLVM::LLVMFuncOp>(createCanonicalizerPass());
  pm.addNestedPass<LLVM::LLVMFuncOp>(createCSEPass());
}

void dale::registerCpuPipeline() {
  PassPipelineRegistration<CpuOptions>(
      "dale-lower-cpu", "lowers outlined stages to the LLVM dialect",
      [](OpPassManager &pm, const CpuOptions &options) {
        buildLoopsPipeline(pm, options);
        buildVectorPipeline(pm, options);
        buildLLVMPipeline(pm, options);
      });
}
