//===- Products.h - Products, however many loops ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_PRODUCTS_H
#define DALE_COMPILER_LOWER_PRODUCTS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"
#include <optional>

namespace dale {

/// The loops of C + A · B: over rows of A and C, over columns of B and C, over
/// the terms of the sums, and over several products, if there are. A
/// convolution is such a product too: its rows are pixels, its terms entries of
/// the kernel and channels, and A is indexed by sums of both.
struct ProductLoops {
  llvm::SmallVector<unsigned> rows, columns, terms, products;

  /// One loop of each kind, the innermost: what is left when the others have
  /// been tiled by one.
  llvm::SmallVector<unsigned> getInnermost() const {
    return {rows.back(), columns.back(), terms.back()};
  }
};

/// The loops of an op that is a product: of rows, columns and terms there is
/// one at least.
std::optional<ProductLoops> matchProductLoops(mlir::linalg::LinalgOp op);

/// Bytes of the first cache, which has `cacheBytes`, that a product may fill
/// with its right factor: the rest is for a tile's rows of the left one and for
/// the sums.
inline int64_t getFactorShare(int64_t cacheBytes) { return cacheBytes / 3 * 2; }

/// The same op without loops of one turn, but for those in `keep`, and without
/// dimensions of operands that only these index. A fill or copy that it starts
/// from is made anew.
mlir::linalg::GenericOp dropUnitLoops(mlir::RewriterBase &rewriter,
                                      mlir::linalg::LinalgOp op,
                                      llvm::ArrayRef<unsigned> keep);

} // namespace dale

#endif // DALE_COMPILER_LOWER_PRODUCTS_H
