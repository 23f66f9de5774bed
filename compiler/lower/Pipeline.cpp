//===- Pipeline.cpp - What every device's pipeline begins with -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Pipeline.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace dale;

void dale::cleanUpFunctions(OpPassManager &pm) {
  addToFunctions(pm, createCanonicalizerPass());
  addToFunctions(pm, createCSEPass());
}

static void bufferize(OpPassManager &pm) {
  addToFunctions(pm, createBufferize());
  cleanUpFunctions(pm);
  addToFunctions(pm, createCanonicalizerPass()); // copies onto themselves
}

void dale::buildStagesPipeline(
    OpPassManager &pm, const LowerStagesOptions &options,
    const FuseMultiOutputOptions &fusion,
    llvm::function_ref<void(OpPassManager &)> forDevice) {
  pm.addPass(createLowerStages(options));
  addToFunctions(pm, createTensorToLinalg());
  addToFunctions(pm, createCanonicalizeImages());
  cleanUpFunctions(pm);
  addToFunctions(pm, createFuseElementwise());
  cleanUpFunctions(pm);
  if (forDevice) {
    forDevice(pm);
    cleanUpFunctions(pm);
  }
  addToFunctions(pm, createPlaceParts());
  addToFunctions(pm, createFuseMultiOutput(fusion));
  cleanUpFunctions(pm);
  pm.addPass(createPlaceResults());
  bufferize(pm);
  addToFunctions(pm, createElideCopies());
}

void dale::buildKernelsPipeline(OpPassManager &pm) {
  pm.addPass(createOutlineKernels());
  // What is left of a stage is calls of kernels. In its caller it needs no
  // arguments, of which there would be hundreds.
  pm.addPass(createInlinerPass());
  cleanUpFunctions(pm);
}

void dale::buildVectorizePipeline(
    OpPassManager &pm, const TileAndVectorizeOptions &options,
    llvm::function_ref<void(OpPassManager &)> forDevice) {
  // Tiling and vectorization come before bufferization: only on tensors can
  // accumulators be hoisted out of the reduction loops.
  addToFunctions(pm, createTileAndVectorize(options));
  if (forDevice)
    forDevice(pm);
  cleanUpFunctions(pm);
  bufferize(pm);
}
