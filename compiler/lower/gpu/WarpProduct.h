//===- WarpProduct.h - What a lane does of a product ------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_GPU_WARPPRODUCT_H
#define DALE_COMPILER_LOWER_GPU_WARPPRODUCT_H

#include "compiler/lower/gpu/TensorCores.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace dale {

/// A matrix in memory: its elements' places follow from the loops of an op.
struct Matrix {
  mlir::TypedValue<mlir::MemRefType> memory;
  mlir::AffineMap map;
};

/// A product C += A · B: C is rows × columns, and `depth` is summed over, for
/// each turn of the loops over other terms.
struct Product : MatrixProduct {
  mlir::linalg::LinalgOp op;
  /// Of the loops.
  llvm::SmallVector<int64_t> sizes;
  Matrix a, b;
  /// What C is before: one number, or in memory, or what another product
  /// computed.
  std::optional<llvm::APFloat> start;
  Matrix startMatrix;
  /// Where C is in memory, if it is.
  Matrix c;
};

/// What one warp computes of a product, in multiples of an instruction's tile
/// of 16 rows and 8 columns.
struct WarpTile {
  int64_t rows, columns;

  int64_t tileRows() const { return rows / 16; }
  int64_t tileColumns() const { return columns / 8; }
};

/// Where a lane is: the tile of its warp begins at a row and a column, and a
/// lane is given by its group, 0 to 7, and its number in the group, 0 to 3.
struct LanePlace {
  mlir::Value firstRow, firstColumn, group, number;
};

/// Writes what a lane does of a product.
///
/// Of an instruction's tile a lane holds the rows `group` and `group + 8` of A,
/// the column `group` of B, and of those rows of C the columns `2 · number` and
/// the next (PTX ISA, "Matrix fragments for mma.m16n8k8" and "mma.m16n8k16").
/// Which row, column or term of the sum of a matrix in memory an instruction's
/// tile takes for its own is free, if all three matrices agree. It is chosen
/// such that a lane's elements lie beside each other, for accesses of 16 bytes:
/// terms of the sum belong to a lane in runs, as do columns, and rows where A
/// is contiguous along them.
class WarpProduct {
public:
  /// An instruction's accumulators: [tile row][tile column].
  using Accumulators = llvm::SmallVector<mlir::Value>;

  WarpProduct(mlir::OpBuilder &builder, Product product, WarpTile tile,
              Precision precision, LanePlace lane);

  /// What C is before.
  Accumulators loadStart();
  /// Adds the product.
  Accumulators accumulate(Accumulators sums);
  /// How many rows of C a lane has.
  int64_t getNumRows() const { return rows.size(); }
  /// The columns of one of its rows, which lie beside each other.
  mlir::Value getRun(mlir::ValueRange sums, int64_t row);
  /// The turns of the loops at which such a run begins.
  llvm::SmallVector<mlir::Value> getPlace(int64_t row);
  /// Stores a run in C.
  void store(mlir::Value run, int64_t row);

private:
  /// What a lane loads of a matrix for one step of the sum: `terms` terms of
  /// the sum for each of the lane's rows or columns.
  using Fragment = llvm::SmallVector<llvm::SmallVector<mlir::Value>>;

  int64_t terms() const { return depth / 4; }
  mlir::Value index(int64_t value);
  mlir::Value scaled(mlir::Value value, int64_t factor);
  mlir::Value sum(mlir::Value a, mlir::Value b);

  llvm::SmallVector<mlir::Value> place(const Matrix &matrix) const;
  mlir::Value load(const Matrix &matrix, int64_t count);
  llvm::SmallVector<mlir::Value> elementsOf(mlir::Value vector);
  void splitRow(mlir::Value row);
  void setRow(int64_t number);
  void goToRun(int64_t row);
  void setColumn(mlir::Value column) {
    turns[product.loops.columns.back()] = column;
  }
  void setTerm(mlir::Value term) { turns[product.loops.terms.back()] = term; }
  Fragment loadA(mlir::Value term);
  Fragment loadB(mlir::Value term);
  mlir::Value round(mlir::Value vector);
  Accumulators multiply(const Fragment &a, const Fragment &b,
                        mlir::ValueRange accumulators);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  Product product;
  WarpTile tile;
  Precision precision;
  LanePlace lane;
  /// Terms of the sum a step.
  int64_t depth;
  /// From one term of a lane to the next. Where no factor is contiguous along
  /// terms, lanes beside each other have rows of memory beside each other.
  int64_t termStride;
  /// The turn of each loop that an access belongs to.
  llvm::SmallVector<mlir::Value> turns;
  /// The turns of the loops over rows, for each row of a lane.
  llvm::SmallVector<llvm::SmallVector<mlir::Value>> rows;
};

} // namespace dale

#endif // DALE_COMPILER_LOWER_GPU_WARPPRODUCT_H
