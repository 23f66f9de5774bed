//===- Epilogues.h - What goes on with a product ----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_EPILOGUES_H
#define DALE_COMPILER_LOWER_EPILOGUES_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/DenseMap.h"

namespace dale {

/// The products whose epilogue an element-wise op is: it alone reads their
/// results, the same element of each in a turn of its loops, so it can go on
/// with what a thread has computed. On tensors.
llvm::SmallVector<mlir::linalg::LinalgOp>
getEpilogueProducts(mlir::linalg::LinalgOp op);

/// The products that are summed to the result of one, which is the last of
/// them.
llvm::SmallVector<mlir::linalg::LinalgOp>
getChain(mlir::linalg::LinalgOp product);

/// The epilogue of a product, or of one whose sums go on with it; or null.
mlir::linalg::LinalgOp getEpilogue(mlir::linalg::LinalgOp product);

/// The loops of an epilogue, by those of its product that go over the same
/// elements.
llvm::DenseMap<unsigned, unsigned>
matchEpilogueLoops(mlir::linalg::LinalgOp epilogue,
                   mlir::linalg::LinalgOp product);

} // namespace dale

#endif // DALE_COMPILER_LOWER_EPILOGUES_H
