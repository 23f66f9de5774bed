//===- PixelProducts.h - Products over the pixels of maps ------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_PIXELPRODUCTS_H
#define DALE_COMPILER_LOWER_PIXELPRODUCTS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <optional>

namespace dale {

/// The loop of a product over the rows of an operand that is used as a matrix
/// of pixels: as the left factor or the result of `linalg.matmul` or of a
/// product of pairs, or as a factor of a transposed product, which is summed
/// over pixels. Nothing if it is another operand, or another op.
std::optional<unsigned> getPixelLoop(mlir::OpOperand &operand);

/// The same product with loops over rows and columns of pixels instead of
/// `loop`, one over all: it reads and writes maps [1, H, W, ...], which can be
/// anywhere in memory, and not only where a matrix can. `pixels` are the
/// [1, H, W]. The product is erased; returns the new one.
mlir::linalg::GenericOp loopOverPixels(mlir::linalg::LinalgOp product,
                                       unsigned loop,
                                       llvm::ArrayRef<int64_t> pixels);

} // namespace dale

#endif // DALE_COMPILER_LOWER_PIXELPRODUCTS_H
