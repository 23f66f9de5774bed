//===- ImageLoops.h - Loops over the images of a chunk ---------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_IMAGELOOPS_H
#define DALE_COMPILER_LOWER_IMAGELOOPS_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace dale {

/// Whether an op is a stage's loop over the images of a chunk, as
/// `dale-lower-stages` makes it: one within the loop over chunks.
inline bool isImageLoop(mlir::Operation *op) {
  return mlir::isa_and_nonnull<mlir::scf::ForOp>(op) &&
         mlir::isa_and_nonnull<mlir::scf::ParallelOp>(op->getParentOp());
}

/// The loops over images within an op.
inline llvm::SmallVector<mlir::scf::ForOp>
getImageLoops(mlir::Operation *within) {
  llvm::SmallVector<mlir::scf::ForOp> loops;
  within->walk([&](mlir::scf::ForOp loop) {
    if (isImageLoop(loop))
      loops.push_back(loop);
  });
  return loops;
}

/// What is the same for all images, as kernels are, comes from a buffer outside
/// of the loops over chunks and images: it is read anew before these, and the
/// builder goes on there. Of anything else this is null, and nothing is done.
mlir::Value readBeforeLoops(mlir::OpBuilder &builder, mlir::Value tensor);

} // namespace dale

#endif // DALE_COMPILER_LOWER_IMAGELOOPS_H
