//===- Maps.h - What linalg ops on maps and matrices do -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_MAPS_H
#define DALE_COMPILER_LOWER_MAPS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace dale {

/// An op that computes the elements of its results one by one.
inline bool isMap(mlir::linalg::GenericOp op) {
  return op.hasPureTensorSemantics() && !op.hasDynamicShape() &&
         op.getNumLoops() == op.getNumParallelLoops();
}

/// Whether an op is a product of matrices with columns in order, C + A · B
/// (false) or C + Aᵀ · B (true); nothing if it is neither.
inline std::optional<bool> matchTransposedProduct(mlir::linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics() || op.hasDynamicShape() ||
      !mlir::linalg::isaContractionOpInterface(op) || op.getNumLoops() != 3 ||
      op.getNumParallelLoops() != 2)
    return std::nullopt;
  mlir::AffineExpr m, n, k;
  mlir::bindDims(op.getContext(), m, n, k);
  auto mapTo = [&](mlir::AffineExpr first, mlir::AffineExpr second) {
    return mlir::AffineMap::get(3, 0, {first, second}, op.getContext());
  };
  llvm::SmallVector<mlir::AffineMap> maps = op.getIndexingMapsArray();
  bool transposed = maps[0] == mapTo(k, m);
  if ((!transposed && maps[0] != mapTo(m, k)) || maps[1] != mapTo(k, n) ||
      maps[2] != mapTo(m, n))
    return std::nullopt;
  return transposed;
}

} // namespace dale

#endif // DALE_COMPILER_LOWER_MAPS_H
