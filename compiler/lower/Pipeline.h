//===- Pipeline.h - What every device's pipeline begins with -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_PIPELINE_H
#define DALE_COMPILER_LOWER_PIPELINE_H

#include "compiler/lower/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"

namespace dale {

/// Functions have nothing to do with each other: passes on functions run on
/// several at a time.
inline void addToFunctions(mlir::OpPassManager &pm,
                           std::unique_ptr<mlir::Pass> pass) {
  pm.addNestedPass<mlir::func::FuncOp>(std::move(pass));
}

/// Canonicalizes functions and finds what they compute twice.
void cleanUpFunctions(mlir::OpPassManager &pm);

/// Stages → loops over images, in which each image is linalg on memrefs.
/// `forDevice` adds what one device does to linalg while it is on tensors.
void buildStagesPipeline(
    mlir::OpPassManager &pm, const LowerStagesOptions &options,
    const FuseMultiOutputOptions &fusion,
    llvm::function_ref<void(mlir::OpPassManager &)> forDevice = {});

/// Linalg on memrefs → calls of kernels, which are linalg on tensors.
void buildKernelsPipeline(mlir::OpPassManager &pm);

/// Kernels on tensors → vectors on memrefs. `forDevice` adds what one device
/// does to vectors while they come from tensors.
void buildVectorizePipeline(
    mlir::OpPassManager &pm, const TileAndVectorizeOptions &options,
    llvm::function_ref<void(mlir::OpPassManager &)> forDevice = {});

} // namespace dale

#endif // DALE_COMPILER_LOWER_PIPELINE_H
