//===- TensorCores.cpp - What tensor cores multiply ------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/TensorCores.h"

using namespace mlir;
using namespace dale;

std::optional<MatrixProduct> dale::matchMatrixProduct(linalg::LinalgOp op,
                                                      Precision precision) {
  if (op.hasDynamicShape())
    return std::nullopt;
  std::optional<ProductLoops> loops = matchProductLoops(op);
  if (!loops || loops->columns.size() != 1 || !loops->products.empty())
    return std::nullopt;

  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  auto runsAlong = [&](AffineMap map, unsigned loop) {
    return map.getResults().back() == getAffineDimExpr(loop, op.getContext());
  };
  unsigned row = loops->rows.back(), column = loops->columns.back(),
           term = loops->terms.back();
  bool rowsAreContiguous = runsAlong(maps[0], row);
  bool columnsAreContiguous = runsAlong(maps[1], column);
  if (!runsAlong(maps[2], column) ||
      (!rowsAreContiguous && !runsAlong(maps[0], term)) ||
      (!columnsAreContiguous && !runsAlong(maps[1], term)))
    return std::nullopt;

  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  int64_t rows = 1;
  for (unsigned loop : loops->rows)
    rows *= sizes[loop];
  MatrixProduct product{*loops,
                        rows,
                        sizes[column],
                        sizes[term],
                        rowsAreContiguous,
                        columnsAreContiguous};
  if (!canMultiply(rows, product.columns, product.depth, precision))
    return std::nullopt;
  // Rows that are loaded together lie beside each other.
  if (rowsAreContiguous && sizes[row] % 16)
    return std::nullopt;
  return product;
}
