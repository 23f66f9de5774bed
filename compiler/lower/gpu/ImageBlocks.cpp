//===- ImageBlocks.cpp - How many blocks work on an image -----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/ImageBlocks.h"
#include "compiler/lower/Lifetimes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace dale;

bool dale::isBlockAlone(ImageBlocks choice, Operation *within,
                        int64_t sharedBytes) {
  if (choice != ImageBlocks::Auto)
    return choice == ImageBlocks::One;
  WalkResult result = within->walk([&](memref::AllocOp alloc) {
    bool fits = !alloc->getParentOfType<scf::ParallelOp>() ||
                !alloc.getType().hasStaticShape() ||
                getBytes(alloc.getType()) <= sharedBytes;
    return fits ? WalkResult::advance() : WalkResult::interrupt();
  });
  return !result.wasInterrupted();
}
