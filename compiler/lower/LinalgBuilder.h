//===- LinalgBuilder.h - Linalg ops for one image -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_LINALGBUILDER_H
#define DALE_COMPILER_LOWER_LINALGBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace dale {

/// Builds linalg ops on tensors of static shape. Convolutions and pools are
/// written as arithmetic on shifted views of a padded map, so that upstream's
/// element-wise fusion, tiling and vectorization apply to them as to any other
/// point-wise op.
class LinalgBuilder {
public:
  using Body = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::ValueRange inputs, mlir::ValueRange outputs)>;

  LinalgBuilder(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  mlir::Value empty(mlir::Type type);
  mlir::Value scalar(mlir::Type type, double value);
  mlir::Value filled(mlir::Type type, double value);

  /// [1, H, W, C] with `padding` pixels of `value` at the top, bottom, left and
  /// right; the map itself where there are none.
  mlir::Value pad(mlir::Value map, llvm::ArrayRef<int64_t> padding,
                  double value);

  /// [1, rows, columns, C]: every `stride`-th pixel from (row, column) on.
  mlir::Value window(mlir::Value map, int64_t row, int64_t column, int64_t rows,
                     int64_t columns, int64_t stride);

  /// Entry (i, j) of a tensor [I, J, …], as a tensor […].
  mlir::Value entry(mlir::Value tensor, int64_t i, int64_t j);
  mlir::Value insertEntry(mlir::Value entry, mlir::Value tensor, int64_t i,
                          int64_t j);

  /// A tensor seen as a matrix: all dimensions but the last as its rows.
  mlir::Value asMatrix(mlir::Value tensor);
  /// The inverse, for a tensor type of rank ≥ 2.
  mlir::Value fromMatrix(mlir::Value matrix, mlir::Type type);
  /// A tensor with all dimensions collapsed into one, and the inverse.
  mlir::Value flatten(mlir::Value tensor);
  mlir::Value unflatten(mlir::Value flat, mlir::Type type);

  /// `target` with `source` in the part at `offsets`, every `strides`.
  mlir::Value insert(mlir::Value source, mlir::Value target,
                     llvm::ArrayRef<int64_t> offsets,
                     llvm::ArrayRef<int64_t> strides);

  /// A generic op. Each operand comes with the loop dimensions that index it;
  /// loops that index no output are sums.
  struct Operand {
    mlir::Value value;
    llvm::SmallVector<unsigned> loops;
  };
  llvm::SmallVector<mlir::Value> generic(unsigned numLoops,
                                         llvm::ArrayRef<Operand> inputs,
                                         llvm::ArrayRef<Operand> outputs,
                                         Body body);

  /// Element-wise op on operands of one shape.
  mlir::Value map(mlir::ValueRange inputs, mlir::Type type,
                  llvm::function_ref<mlir::Value(mlir::ValueRange)> body);

  /// c plus the products of a's elements with b's, summed over loops that do
  /// not index c.
  mlir::Value addProducts(unsigned numLoops, const Operand &a, const Operand &b,
                          const Operand &c);
  /// The same with maps of any kind. Factors are widened to c's elements.
  mlir::Value addProducts(llvm::ArrayRef<mlir::AffineMap> maps,
                          llvm::ArrayRef<mlir::utils::IteratorType> iterators,
                          mlir::Value a, mlir::Value b, mlir::Value c);
  /// c + a b, with a [M, K], b [K, N] and c [M, N].
  mlir::Value product(mlir::Value a, mlir::Value b, mlir::Value c);
  /// c + aᵀ b, with a [K, M], b [K, N] and c [M, N].
  mlir::Value transposedProduct(mlir::Value a, mlir::Value b, mlir::Value c);

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

} // namespace dale

#endif // DALE_COMPILER_LOWER_LINALGBUILDER_H
