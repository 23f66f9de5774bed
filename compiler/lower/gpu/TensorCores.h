//===- TensorCores.h - What tensor cores multiply --------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_GPU_TENSORCORES_H
#define DALE_COMPILER_LOWER_GPU_TENSORCORES_H

#include "compiler/lower/Precision.h"
#include "compiler/lower/Products.h"

namespace dale {

/// Whether sizes of matrices are multiples of those of an instruction.
inline bool canMultiply(int64_t rows, int64_t columns, int64_t depth,
                        Precision precision) {
  return rows % 16 == 0 && columns % 8 == 0 &&
         depth % (precision == Precision::BF16 ? 16 : 8) == 0;
}

/// A product of matrices whose sizes and order in memory instructions of tensor
/// cores can take: rows × columns, with `depth` terms summed for each turn of
/// the other loops over terms.
struct MatrixProduct {
  ProductLoops loops;
  int64_t rows, columns, depth;
  /// Whether A is contiguous along its rows, and not along the sum.
  bool rowsAreContiguous;
  /// Whether B is contiguous along its columns, and not along the sum.
  bool columnsAreContiguous;
};

/// The op as such a product, if it is one.
std::optional<MatrixProduct> matchMatrixProduct(mlir::linalg::LinalgOp op,
                                                Precision precision);

} // namespace dale

#endif // DALE_COMPILER_LOWER_GPU_TENSORCORES_H
