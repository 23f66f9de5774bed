//===- MapToTensorCores.cpp - Products as warps compute them -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Passes.h"
#include "compiler/lower/gpu/TensorCores.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

namespace dale {
#define GEN_PASS_DEF_MAPTOTENSORCORES
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// A matrix in memory: its elements' places follow from the loops of an op.
struct Matrix {
  TypedValue<MemRefType> memory;
  AffineMap map;
};

/// A product C += A · B: C is rows × columns, and `depth` is summed over, for
/// each turn of the loops over other terms.
struct Product : MatrixProduct {
  linalg::LinalgOp op;
  /// Of the loops.
  SmallVector<int64_t> sizes;
  Matrix a, b, c;
  /// What C is before: one number, or in memory.
  std::optional<APFloat> start;
  Matrix startMatrix;
};

/// What one warp computes of a product, in multiples of an instruction's tile
/// of 16 rows and 8 columns.
struct WarpTile {
  int64_t rows, columns;

  int64_t tileRows() const { return rows / 16; }
  int64_t tileColumns() const { return columns / 8; }
};

/// Writes a product as a loop over warp tiles.
///
/// A lane is given by its group, 0 to 7, and its number in the group, 0 to 3
/// (PTX ISA, "Matrix fragments for mma.m16n8k8" and "mma.m16n8k16"): of an
/// instruction's tile it holds the rows `group` and `group + 8` of A, the
/// column `group` of B, and of those rows of C the columns `2 · number` and the
/// next. Which row, column or term of the sum of a matrix in memory an
/// instruction's tile takes for its own is free, if all three matrices agree.
/// It is chosen such that a lane's elements lie beside each other, for accesses
/// of 16 bytes: terms of the sum belong to a lane in runs, as do columns, and
/// rows where A is contiguous along them.
class ProductEmitter {
public:
  ProductEmitter(Product product, WarpTile tile, Precision precision)
      : product(product), tile(tile), precision(precision), builder(product.op),
        loc(product.op.getLoc()), depth(product.depth % 16 == 0 ? 16 : 8),
        turns(product.sizes.size()) {}

  void run();

private:
  /// What a lane loads of a matrix for one step of the sum: `terms` terms of
  /// the sum for each of the lane's rows or columns.
  using Fragment = SmallVector<SmallVector<Value>>;
  /// An instruction's accumulators: [tile row][tile column].
  using Accumulators = SmallVector<Value>;

  int64_t terms() const { return depth / 4; }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value scaled(Value value, int64_t factor) {
    return arith::MulIOp::create(builder, loc, value, index(factor));
  }
  Value sum(Value a, Value b) {
    return arith::AddIOp::create(builder, loc, a, b);
  }
  VectorType vectorOf(ArrayRef<int64_t> shape, Type element) {
    return VectorType::get(shape, element);
  }

  SmallVector<Value> place(const Matrix &matrix) const;
  Value load(const Matrix &matrix, int64_t count);
  SmallVector<Value> elementsOf(Value vector);
  void splitRow(Value row);
  void setRow(int64_t number);
  void setColumn(Value column) { turns[product.loops.columns.back()] = column; }
  void setTerm(Value term) { turns[product.loops.terms.back()] = term; }
  Fragment loadA(Value term);
  Fragment loadB(Value term);
  Value round(Value vector);
  Accumulators loadC();
  void storeC(ValueRange accumulators);
  Accumulators multiply(const Fragment &a, const Fragment &b,
                        ValueRange accumulators);

  Product product;
  WarpTile tile;
  Precision precision;
  OpBuilder builder;
  Location loc;
  /// Terms of the sum a step.
  int64_t depth;
  /// Of the warp's tile; of the lane.
  Value firstRow, firstColumn, group, number;
  /// The turn of each loop that an access belongs to.
  SmallVector<Value> turns;
  /// The turns of the loops over rows, for each row of a lane.
  SmallVector<SmallVector<Value>> rows;
};

struct MapToTensorCoresPass
    : dale::impl::MapToTensorCoresBase<MapToTensorCoresPass> {
  using MapToTensorCoresBase::MapToTensorCoresBase;

  void runOnOperation() override;
};

} // namespace

//===----------------------------------------------------------------------===//
// What can be mapped
//===----------------------------------------------------------------------===//

/// The memory that a tensor is a view of.
static TypedValue<MemRefType> getMemory(Value tensor) {
  auto view = tensor.getDefiningOp<bufferization::ToTensorOp>();
  if (!view)
    return {};
  return dyn_cast<TypedValue<MemRefType>>(view.getBuffer());
}

/// Whether a matrix has elements that the instructions take: what is narrower
/// than f32 is the precision of the factors already.
static bool hasRightElements(const Matrix &matrix, bool isFactor,
                             Precision precision) {
  Type element = matrix.memory.getType().getElementType();
  return element.isF32() ||
         (isFactor && element.isBF16() && precision == Precision::BF16);
}

/// A product of matrices in memory, whose columns lie beside each other.
static std::optional<Product> matchProduct(linalg::LinalgOp op,
                                           Precision precision) {
  std::optional<MatrixProduct> matched = matchMatrixProduct(op, precision);
  if (!matched)
    return std::nullopt;
  Product product{*matched, op, op.getStaticLoopRanges(), {}, {}, {}, {}, {}};
  SmallVector<Value> operands(op->getOperands());
  if (auto fill = operands[2].getDefiningOp<linalg::FillOp>()) {
    APFloat value(0.0f);
    if (!matchPattern(fill.getInputs().front(), m_ConstantFloat(&value)))
      return std::nullopt;
    product.start = value;
    operands[2] = fill.getOutputs().front();
  }
  operands.push_back(operands[2]);
  if (auto copy = operands[2].getDefiningOp<linalg::CopyOp>()) {
    operands[2] = copy.getOutputs().front();
    operands[3] = copy.getInputs().front();
  }
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  maps.push_back(maps[2]);
  Matrix *matrices[] = {&product.a, &product.b, &product.c,
                        &product.startMatrix};
  for (auto [matrix, operand, map] : llvm::zip(matrices, operands, maps)) {
    *matrix = {getMemory(operand), map};
    bool isFactor = matrix == &product.a || matrix == &product.b;
    if (!matrix->memory || !hasRightElements(*matrix, isFactor, precision) ||
        matrix->memory.getType().getStridesAndOffset().first.back() != 1)
      return std::nullopt;
  }
  // What is erased with the product has no other use.
  auto start = op.getDpsInits()[0].getDefiningOp<linalg::LinalgOp>();
  auto store = op->hasOneUse()
                   ? dyn_cast<bufferization::MaterializeInDestinationOp>(
                         *op->user_begin())
                   : nullptr;
  if (!store || store.getDest() != product.c.memory ||
      (start && !start->hasOneUse()))
    return std::nullopt;
  return product;
}

/// The largest tile that leaves work for all warps of a block, or the smallest.
static WarpTile chooseTile(const Product &product, int64_t warps) {
  WarpTile best{16, 8};
  for (WarpTile tile :
       {WarpTile{32, 32}, {16, 32}, {32, 16}, {16, 16}, {16, 8}}) {
    if (product.rows % tile.rows || product.columns % tile.columns)
      continue;
    // Rows that are loaded together lie beside each other.
    if (product.rowsAreContiguous &&
        product.sizes[product.loops.rows.back()] % tile.rows)
      continue;
    best = tile;
    if (product.rows / tile.rows * (product.columns / tile.columns) >= warps)
      break;
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Where the element of a matrix is that belongs to the present turns.
SmallVector<Value> ProductEmitter::place(const Matrix &matrix) const {
  OpBuilder here(builder);
  return llvm::map_to_vector(
      matrix.map.getResults(), [&](AffineExpr result) -> Value {
        return affine::expandAffineExpr(here, loc, result, turns, {});
      });
}

/// Elements beside each other, from the present turns on.
Value ProductEmitter::load(const Matrix &matrix, int64_t count) {
  return vector::LoadOp::create(
      builder, loc, vectorOf({count}, matrix.memory.getType().getElementType()),
      matrix.memory, place(matrix));
}

SmallVector<Value> ProductEmitter::elementsOf(Value vector) {
  return llvm::to_vector_of<Value>(
      vector::ToElementsOp::create(builder, loc, vector).getResults());
}

/// To the precision that an instruction multiplies in, to nearest.
Value ProductEmitter::round(Value vector) {
  auto type = cast<VectorType>(vector.getType());
  if (type.getElementType().isBF16())
    return vector;
  if (precision == Precision::BF16)
    return arith::TruncFOp::create(builder, loc,
                                   type.clone(builder.getBF16Type()), vector);
  // An instruction leaves out the 13 lowest bits: half of their range is added.
  VectorType bits = type.clone(builder.getI32Type());
  Value half = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(bits, builder.getI32IntegerAttr(0x1000)));
  Value rounded = arith::AddIOp::create(
      builder, loc, arith::BitcastOp::create(builder, loc, bits, vector), half);
  return arith::BitcastOp::create(builder, loc, type, rounded);
}

/// Adds a row, as turns of the loops over rows.
void ProductEmitter::splitRow(Value row) {
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
void ProductEmitter::setRow(int64_t number) {
  for (unsigned loop : product.loops.rows)
    turns[loop] = rows[number][loop];
}

/// [2 · tile row + half][term]
ProductEmitter::Fragment ProductEmitter::loadA(Value term) {
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
    setTerm(sum(term, index(i)));
    for (auto [run, value] :
         llvm::zip(fragment, elementsOf(round(load(product.a, rows.size())))))
      run.push_back(value);
  }
  return fragment;
}

/// [tile column][term]
ProductEmitter::Fragment ProductEmitter::loadB(Value term) {
  setColumn(sum(firstColumn, scaled(group, tile.tileColumns())));
  Fragment fragment(tile.tileColumns());
  for (int64_t i = 0; i < terms(); ++i) {
    setTerm(sum(term, index(i)));
    for (auto [run, value] : llvm::zip(
             fragment, elementsOf(round(load(product.b, tile.tileColumns())))))
      run.push_back(value);
  }
  return fragment;
}

ProductEmitter::Accumulators ProductEmitter::loadC() {
  int64_t columns = tile.tileColumns();
  VectorType type = vectorOf({2, 2}, builder.getF32Type());
  if (product.start)
    return Accumulators(
        tile.tileRows() * columns,
        arith::ConstantOp::create(
            builder, loc, DenseElementsAttr::get(type, *product.start)));
  setColumn(sum(firstColumn, scaled(number, 2 * columns)));
  Accumulators accumulators;
  for (int64_t i = 0; i < tile.tileRows(); ++i) {
    SmallVector<Value> halves[2];
    for (int64_t half : {0, 1}) {
      setRow(2 * i + half);
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

void ProductEmitter::storeC(ValueRange accumulators) {
  int64_t columns = tile.tileColumns();
  setColumn(sum(firstColumn, scaled(number, 2 * columns)));
  for (int64_t i = 0; i < tile.tileRows(); ++i)
    for (int64_t half : {0, 1}) {
      SmallVector<Value> elements;
      for (int64_t next : {0, 1})
        for (int64_t j = 0; j < columns; ++j)
          elements.push_back(vector::ExtractOp::create(
              builder, loc, accumulators[i * columns + j],
              ArrayRef<int64_t>{half, next}));
      Value run = vector::FromElementsOp::create(
          builder, loc, vectorOf({2 * columns}, builder.getF32Type()),
          elements);
      setRow(2 * i + half);
      vector::StoreOp::create(builder, loc, run, product.c.memory,
                              place(product.c));
    }
}

//===----------------------------------------------------------------------===//
// The product
//===----------------------------------------------------------------------===//

ProductEmitter::Accumulators ProductEmitter::multiply(const Fragment &a,
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

void ProductEmitter::run() {
  MLIRContext *context = builder.getContext();
  auto warp = gpu::GPUWarpMappingAttr::get(context, gpu::MappingId::LinearDim0);
  auto inner =
      gpu::GPUWarpMappingAttr::get(context, gpu::MappingId::LinearDim1);
  auto indexAttr = [&](int64_t value) -> OpFoldResult {
    return builder.getIndexAttr(value);
  };
  auto tiles = scf::ForallOp::create(
      builder, loc, ArrayRef<OpFoldResult>{indexAttr(0), indexAttr(0)},
      ArrayRef<OpFoldResult>{indexAttr(product.rows),
                             indexAttr(product.columns)},
      ArrayRef<OpFoldResult>{indexAttr(tile.rows), indexAttr(tile.columns)},
      ValueRange(), builder.getArrayAttr({inner, warp}));
  builder.setInsertionPointToStart(tiles.getBody());
  firstRow = tiles.getInductionVar(0);
  firstColumn = tiles.getInductionVar(1);
  Value lane = gpu::LaneIdOp::create(builder, loc, /*upper_bound=*/nullptr);
  group = arith::DivUIOp::create(builder, loc, lane, index(4));
  number = arith::RemUIOp::create(builder, loc, lane, index(4));

  // Of an instruction's tile, a lane has the rows `group` and `group + 8`.
  for (int64_t i = 0; i < 2 * tile.tileRows(); ++i)
    splitRow(
        product.rowsAreContiguous
            ? sum(firstRow, sum(scaled(group, 2 * tile.tileRows()), index(i)))
            : sum(firstRow, sum(group, index(8 * i))));

  // The innermost loop over terms goes in steps of an instruction's.
  Accumulators sums = loadC();
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
  Value term = sum(turns[product.loops.terms.back()], scaled(number, terms()));
  Fragment a = loadA(term), b = loadB(term);
  scf::YieldOp::create(builder, loc, multiply(a, b, sums));
  builder.setInsertionPointAfter(outermost);
  storeC(outermost.getResults());
}

void MapToTensorCoresPass::runOnOperation() {
  if (precision == Precision::F32)
    return;
  SmallVector<linalg::LinalgOp> ops;
  getOperation().walk([&](linalg::LinalgOp op) { ops.push_back(op); });
  for (linalg::LinalgOp op : ops) {
    std::optional<Product> product = matchProduct(op, precision);
    if (!product)
      continue;
    ProductEmitter(*product, chooseTile(*product, warps), precision).run();
    // The result is in memory already.
    for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
      user->erase();
    Operation *start = op.getDpsInits()[0].getDefiningOp<linalg::LinalgOp>();
    op->erase();
    if (start)
      start->erase();
    ++numProducts;
  }
}
