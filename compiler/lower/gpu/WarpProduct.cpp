//===- WarpProduct.cpp - What a lane does of a product ----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/WarpProduct.h"
#include "compiler/lower/gpu/Warp.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace dale;

static VectorType vectorOf(ArrayRef<int64_t> shape, Type element) {
  return VectorType::get(shape, element);
}

/// Whether a warp's eight bytes of each of four rows are in different banks of
/// shared memory, as `dale-pad-rows` has it: 16 of each of two would not be.
static bool hasPaddedRows(MemRefType type) {
  auto [strides, offset] = type.getStridesAndOffset();
  return type.getRank() > 1 && strides[type.getRank() - 2] *
                                       type.getElementTypeBitWidth() / 8 %
                                       allBanks ==
                                   rowPadding;
}

/// Terms of the sum a step: a lane has a fourth of them. If they lie beside
/// each other, they are one access of 16 bytes at most: with more, each of two
/// would be to half of all sectors.
static int64_t chooseDepth(const Product &product) {
  SmallVector<MemRefType> alongTerms;
  if (!product.rowsAreContiguous)
    alongTerms.push_back(product.a.memory.getType());
  if (!product.columnsAreContiguous)
    alongTerms.push_back(product.b.memory.getType());
  bool goesDeep = llvm::all_of(alongTerms, [](MemRefType type) {
    return type.getElementType().isBF16() && !hasPaddedRows(type);
  });
  int64_t depth = !alongTerms.empty() && goesDeep ? 32 : 16;
  while (product.depth % depth != 0)
    depth /= 2;
  return depth;
}

WarpProduct::WarpProduct(OpBuilder &builder, Product ofOp, WarpTile tile,
                         Precision precision, LanePlace lane)
    : builder(builder), loc(ofOp.op.getLoc()), product(std::move(ofOp)),
      tile(tile), precision(precision), lane(lane), depth(chooseDepth(product)),
      termStride(product.rowsAreContiguous && product.columnsAreContiguous ? 4
                                                                           : 1),
      turns(product.sizes.size()) {
  // Of an instruction's tile, a lane has the rows `group` and `group + 8`.
  for (int64_t i = 0; i < 2 * tile.tileRows(); ++i)
    splitRow(product.rowsAreContiguous
                 ? sum(lane.firstRow,
                       sum(scaled(lane.group, 2 * tile.tileRows()), index(i)))
                 : sum(lane.firstRow, sum(lane.group, index(8 * i))));
}

Value WarpProduct::index(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value WarpProduct::scaled(Value value, int64_t factor) {
  return arith::MulIOp::create(builder, loc, value, index(factor));
}

Value WarpProduct::sum(Value a, Value b) {
  return arith::AddIOp::create(builder, loc, a, b);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Where the element of a matrix is that belongs to the present turns.
SmallVector<Value> WarpProduct::place(const Matrix &matrix) const {
  OpBuilder here(builder);
  return llvm::map_to_vector(
      matrix.map.getResults(), [&](AffineExpr result) -> Value {
        return affine::expandAffineExpr(here, loc, result, turns, {});
      });
}

/// Elements beside each other, from the present turns on.
Value WarpProduct::load(const Matrix &matrix, int64_t count) {
  return vector::LoadOp::create(
      builder, loc, vectorOf({count}, matrix.memory.getType().getElementType()),
      matrix.memory, place(matrix));
}

SmallVector<Value> WarpProduct::elementsOf(Value vector) {
  return llvm::to_vector_of<Value>(
      vector::ToElementsOp::create(builder, loc, vector).getResults());
}

/// To the precision that an instruction multiplies in, to nearest.
Value WarpProduct::round(Value vector) {
  auto type = cast<VectorType>(vector.getType());
  if (type.getElementType().isBF16())
    return vector;
  if (precision == Precision::BF16)
    return arith::TruncFOp::create(builder, loc,
                                   type.clone(builder.getBF16Type()), vector);
  // An instruction leaves out the 13 lowest bits: half of their range is added.
  // Not to a NaN: of a GPU's, 0x7fffffff, it would make a zero. As integers,
  // the sum is less than that, and more than any number. An H100 adds and
  // compares in one instruction.
  VectorType integers = type.clone(builder.getI32Type());
  Value half = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(integers, builder.getI32IntegerAttr(0x1000)));
  Value bits = arith::BitcastOp::create(builder, loc, integers, vector);
  Value rounded = arith::AddIOp::create(builder, loc, bits, half);
  return arith::BitcastOp::create(
      builder, loc, type, arith::MaxSIOp::create(builder, loc, rounded, bits));
}

/// Adds a row, as turns of the loops over rows.
void WarpProduct::splitRow(Value row) {
  SmallVector<Value> split(turns);
  Value rest = row;
  int64_t restSize = product.rows;
  for (unsigned loop : llvm::reverse(product.loops.rows)) {
    int64_t size = product.sizes[loop];
    restSize /= size;
    split[loop] =
        size == 1 ? index(0)
        : restSize == 1
            ? rest
            : Value(arith::RemUIOp::create(builder, loc, rest, index(size)));
    if (size != 1 && restSize != 1)
      rest = arith::DivUIOp::create(builder, loc, rest, index(size));
  }
  rows.push_back(split);
}

/// Goes to one of the rows of a lane: [2 · tile row + half].
void WarpProduct::setRow(int64_t number) {
  for (unsigned loop : product.loops.rows)
    turns[loop] = rows[number][loop];
}

/// [2 · tile row + half][term]
WarpProduct::Fragment WarpProduct::loadA(Value term) {
  Fragment fragment(rows.size());
  if (!product.rowsAreContiguous) {
    setTerm(term);
    for (auto [i, run] : llvm::enumerate(fragment)) {
      setRow(i);
      run = elementsOf(round(load(product.a, terms())));
    }
    return fragment;
  }
  setRow(0);
  for (int64_t i = 0; i < terms(); ++i) {
    setTerm(sum(term, index(i * termStride)));
    for (auto [run, value] :
         llvm::zip(fragment, elementsOf(round(load(product.a, rows.size())))))
      run.push_back(value);
  }
  return fragment;
}

/// [tile column][term]
WarpProduct::Fragment WarpProduct::loadB(Value term) {
  Value column = sum(lane.firstColumn, scaled(lane.group, tile.tileColumns()));
  Fragment fragment(tile.tileColumns());
  if (!product.columnsAreContiguous) {
    setTerm(term);
    for (auto [j, run] : llvm::enumerate(fragment)) {
      setColumn(sum(column, index(j)));
      run = elementsOf(round(load(product.b, terms())));
    }
    return fragment;
  }
  setColumn(column);
  for (int64_t i = 0; i < terms(); ++i) {
    setTerm(sum(term, index(i * termStride)));
    for (auto [run, value] : llvm::zip(
             fragment, elementsOf(round(load(product.b, tile.tileColumns())))))
      run.push_back(value);
  }
  return fragment;
}

WarpProduct::Accumulators WarpProduct::loadStart() {
  int64_t columns = tile.tileColumns();
  VectorType type = vectorOf({2, 2}, builder.getF32Type());
  if (product.start)
    return Accumulators(
        tile.tileRows() * columns,
        arith::ConstantOp::create(
            builder, loc, DenseElementsAttr::get(type, *product.start)));
  Accumulators accumulators;
  for (int64_t i = 0; i < tile.tileRows(); ++i) {
    SmallVector<Value> halves[2];
    for (int64_t half : {0, 1}) {
      goToRun(2 * i + half);
      halves[half] = elementsOf(load(product.startMatrix, 2 * columns));
    }
    for (int64_t j = 0; j < columns; ++j)
      accumulators.push_back(vector::FromElementsOp::create(
          builder, loc, type,
          ValueRange{halves[0][j], halves[0][columns + j], halves[1][j],
                     halves[1][columns + j]}));
  }
  return accumulators;
}

void WarpProduct::goToRun(int64_t row) {
  setColumn(sum(lane.firstColumn, scaled(lane.number, 2 * tile.tileColumns())));
  setRow(row);
}

SmallVector<Value> WarpProduct::getPlace(int64_t row) {
  goToRun(row);
  return turns;
}

Value WarpProduct::getRun(ValueRange sums, int64_t row) {
  int64_t columns = tile.tileColumns(), first = row / 2 * columns;
  SmallVector<Value> elements;
  for (int64_t next : {0, 1})
    for (int64_t j = 0; j < columns; ++j)
      elements.push_back(vector::ExtractOp::create(
          builder, loc, sums[first + j], ArrayRef<int64_t>{row % 2, next}));
  return vector::FromElementsOp::create(
      builder, loc, vectorOf({2 * columns}, builder.getF32Type()), elements);
}

void WarpProduct::store(Value run, int64_t row) {
  goToRun(row);
  vector::StoreOp::create(builder, loc, run, product.c.memory,
                          place(product.c));
}

//===----------------------------------------------------------------------===//
// The product
//===----------------------------------------------------------------------===//

WarpProduct::Accumulators WarpProduct::multiply(const Fragment &a,
                                                const Fragment &b,
                                                ValueRange accumulators) {
  bool isBF16 = precision == Precision::BF16;
  Type element = isBF16 ? Type(builder.getBF16Type()) : builder.getF32Type();
  // A register holds one term in TF32, two in BF16, and A's and B's are two
  // registers of terms deep.
  int64_t packed = isBF16 ? 2 : 1;
  Accumulators results(accumulators);
  for (int64_t term = 0; term < terms(); term += 2 * packed)
    for (int64_t i = 0; i < tile.tileRows(); ++i) {
      SmallVector<Value> rows;
      for (int64_t first : {term, term + packed})
        for (int64_t half : {0, 1})
          rows.append(a[2 * i + half].begin() + first,
                      a[2 * i + half].begin() + first + packed);
      Value left = vector::FromElementsOp::create(
          builder, loc, vectorOf({4, packed}, element), rows);
      for (int64_t j = 0; j < tile.tileColumns(); ++j) {
        Value right = vector::FromElementsOp::create(
            builder, loc, vectorOf({2, packed}, element),
            ArrayRef<Value>(b[j]).slice(term, 2 * packed));
        Value &result = results[i * tile.tileColumns() + j];
        result = nvgpu::MmaSyncOp::create(builder, loc, left, right, result,
                                          ArrayRef<int64_t>{16, 8, 8 * packed},
                                          /*tf32Enabled=*/!isBF16);
      }
    }
  return results;
}

/// The innermost loop over terms goes in steps of an instruction's.
WarpProduct::Accumulators WarpProduct::accumulate(Accumulators sums) {
  OpBuilder::InsertionGuard guard(builder);
  scf::ForOp outermost;
  for (unsigned loop : product.loops.terms) {
    bool isInnermost = loop == product.loops.terms.back();
    auto steps =
        scf::ForOp::create(builder, loc, index(0), index(product.sizes[loop]),
                           index(isInnermost ? depth : 1), sums);
    if (outermost)
      scf::YieldOp::create(builder, loc, steps.getResults());
    else
      outermost = steps;
    builder.setInsertionPointToStart(steps.getBody());
    turns[loop] = steps.getInductionVar();
    sums = Accumulators(steps.getRegionIterArgs());
  }
  Value term =
      sum(turns[product.loops.terms.back()],
          termStride == 1 ? scaled(lane.number, terms()) : lane.number);
  Fragment a = loadA(term), b = loadB(term);
  scf::YieldOp::create(builder, loc, multiply(a, b, sums));
  return Accumulators(outermost.getResults());
}
