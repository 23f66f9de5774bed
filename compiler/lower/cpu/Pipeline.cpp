//===- Pipeline.cpp - From stages to LLVM -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/cpu/Pipeline.h"
#include "compiler/lower/Passes.h"
#include "compiler/lower/cpu/Passes.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/OpenMPToLLVM/ConvertOpenMPToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/SCFToOpenMP/SCFToOpenMP.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace dale;

static void cleanUp(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void bufferize(OpPassManager &pm) {
  bufferization::OneShotBufferizePassOptions options;
  options.allowUnknownOps = true; // dale.variable stays for the runtime
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  cleanUp(pm);
  pm.addPass(createCanonicalizerPass()); // copies onto themselves
}

void dale::buildLoopsPipeline(OpPassManager &pm) {
  pm.addPass(createLowerStages());
  cleanUp(pm);
  pm.addPass(createTensorToLinalg());
  cleanUp(pm);
  pm.addPass(createFuseElementwise());
  cleanUp(pm);
  pm.addPass(createPlaceResults());
  bufferize(pm);
  pm.addPass(createPlanScratch());
  pm.addPass(createOutlineKernels());
  // What is left of a stage is calls of kernels. In its caller it needs no
  // arguments, of which there would be hundreds.
  pm.addPass(createInlinerPass());
  cleanUp(pm);
}

void dale::buildVectorPipeline(OpPassManager &pm, const CpuOptions &options) {
  TileAndVectorizeOptions tiling;
  tiling.vectorBits = options.vectorBits;
  tiling.numRegisters = options.numRegisters;
  // Tiling and vectorization come before bufferization: only on tensors can
  // accumulators be hoisted out of the reduction loops.
  pm.addNestedPass<func::FuncOp>(createTileAndVectorize(tiling));
  cleanUp(pm);
  bufferize(pm);
}

void dale::buildLLVMPipeline(OpPassManager &pm) {
  pm.addPass(createLowerVectors());
  pm.addPass(createConvertLinalgToLoopsPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  cleanUp(pm);
  pm.addPass(createConvertSCFToOpenMPPass());
  pm.addPass(createConvertVectorToLLVMPass());
  // OpenMP's bodies are allocation scopes of one block: those go with the
  // memrefs, before loops become several blocks.
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createConvertOpenMPToLLVMPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  cleanUp(pm);
}

void dale::registerCpuPipeline() {
  PassPipelineRegistration<CpuOptions>(
      "dale-lower-cpu", "lowers outlined stages to the LLVM dialect",
      [](OpPassManager &pm, const CpuOptions &options) {
        buildLoopsPipeline(pm);
        buildVectorPipeline(pm, options);
        buildLLVMPipeline(pm);
      });
}
