//===- PackProducts.cpp - Factors of products in pairs of bf16 -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A dot-product instruction multiplies two neighbours of one factor with two of
// the other, and adds both products to an accumulator of f32. The two are terms
// of the sum that lie beside each other: so factors are laid out in pairs of
// these.
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/LinalgBuilder.h"
#include "compiler/lower/cpu/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace dale {
#define GEN_PASS_DEF_PACKPRODUCTS
#include "compiler/lower/cpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct PackProductsPass : dale::impl::PackProductsBase<PackProductsPass> {
  using PackProductsBase::PackProductsBase;

  void runOnOperation() override;
};

/// A product C + A · B, or C + Aᵀ · B.
struct Product {
  linalg::LinalgOp op;
  bool transposed;
};

} // namespace

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Whether an op is a product of matrices with columns in order, C + A · B
/// (false) or C + Aᵀ · B (true); nothing if it is neither.
static std::optional<bool> matchTransposedProduct(linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics() || op.hasDynamicShape() ||
      !linalg::isaContractionOpInterface(op) || op.getNumLoops() != 3 ||
      op.getNumParallelLoops() != 2)
    return std::nullopt;
  AffineExpr m, n, k;
  bindDims(op.getContext(), m, n, k);
  auto mapTo = [&](AffineExpr first, AffineExpr second) {
    return AffineMap::get(3, 0, {first, second}, op.getContext());
  };
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  bool transposed = maps[0] == mapTo(k, m);
  if ((!transposed && maps[0] != mapTo(m, k)) || maps[1] != mapTo(k, n) ||
      maps[2] != mapTo(m, n))
    return std::nullopt;
  return transposed;
}

/// A product of f32, with terms that come in pairs and columns that fill
/// vectors.
static std::optional<Product> matchProduct(linalg::LinalgOp op, int64_t lanes) {
  std::optional<bool> transposed = matchTransposedProduct(op);
  if (!transposed)
    return std::nullopt;
  for (Value operand : op->getOperands())
    if (!typeOf(operand).getElementType().isF32())
      return std::nullopt;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  if (sizes[1] % lanes != 0 || sizes[2] % 2 != 0)
    return std::nullopt;
  return Product{op, *transposed};
}

static Value round(LinalgBuilder &build, Value value) {
  return arith::TruncFOp::create(build.builder, build.loc,
                                 build.builder.getBF16Type(), value);
}

/// [K, N] in f32 as [K / 2, N, 2] in bf16: rows side by side. What is the same
/// for all images, as kernels are, is packed before the loop over them.
static Value pairRows(LinalgBuilder &build, Value matrix) {
  OpBuilder::InsertionGuard guard(build.builder);
  auto read = matrix.getDefiningOp<bufferization::ToTensorOp>();
  if (auto images = read ? read->getParentOfType<scf::ForOp>() : nullptr;
      images && images.isDefinedOutsideOfLoop(read.getBuffer())) {
    build.builder.setInsertionPoint(images);
    matrix = build.builder.clone(*read)->getResult(0);
  }
  int64_t depth = typeOf(matrix).getDimSize(0);
  int64_t columns = typeOf(matrix).getDimSize(1);
  OpBuilder &b = build.builder;
  Value pairs = tensor::ExpandShapeOp::create(
      b, build.loc, typeOf(matrix).clone({depth / 2, 2, columns}), matrix,
      ArrayRef<ReassociationIndices>{{0, 1}, {2}});
  auto type = RankedTensorType::get({depth / 2, columns, 2}, b.getBF16Type());
  return build.generic(3, {{pairs, {0, 1, 2}}},
                       {{build.empty(type), {0, 2, 1}}},
                       [&](ValueRange in, ValueRange) -> SmallVector<Value> {
                         return {round(build, in[0])};
                       })[0];
}

/// A map in bf16. What is put together of parts, as patches are, is put
/// together of rounded ones: it is half as large then.
static Value roundMap(LinalgBuilder &build, Value map) {
  OpBuilder &b = build.builder;
  RankedTensorType type = typeOf(map).clone(b.getBF16Type());
  Operation *producer = map.getDefiningOp();
  if (auto insert = dyn_cast_or_null<tensor::InsertSliceOp>(producer)) {
    Value part = insert.getSource();
    if (auto extract = part.getDefiningOp<tensor::ExtractSliceOp>())
      part = tensor::ExtractSliceOp::create(
          b, build.loc, typeOf(part).clone(b.getBF16Type()),
          roundMap(build, extract.getSource()), extract.getMixedOffsets(),
          extract.getMixedSizes(), extract.getMixedStrides());
    else
      part = roundMap(build, part);
    return tensor::InsertSliceOp::create(
        b, build.loc, part, roundMap(build, insert.getDest()),
        insert.getMixedOffsets(), insert.getMixedSizes(),
        insert.getMixedStrides());
  }
  if (isa_and_nonnull<tensor::EmptyOp>(producer))
    return build.empty(type);
  FloatAttr value;
  if (auto fill = dyn_cast_or_null<linalg::FillOp>(producer);
      fill && matchPattern(fill.getInputs().front(), m_Constant(&value)))
    return build.filled(type, value.getValueAsDouble());
  return build.map(map, type,
                   [&](ValueRange in) { return round(build, in[0]); });
}

/// [M, K] in f32 as [M, K / 2, 2] in bf16. A map that is seen as a matrix is
/// rounded as a map, so that who computes it can do that.
static Value pairColumns(LinalgBuilder &build, Value matrix) {
  int64_t rows = typeOf(matrix).getDimSize(0);
  int64_t depth = typeOf(matrix).getDimSize(1);
  OpBuilder &b = build.builder;
  auto collapse = matrix.getDefiningOp<tensor::CollapseShapeOp>();
  Value rounded = roundMap(build, collapse ? collapse.getSrc() : matrix);
  if (collapse)
    rounded = tensor::CollapseShapeOp::create(
        b, build.loc, rounded, collapse.getReassociationIndices());
  return tensor::ExpandShapeOp::create(
      b, build.loc, typeOf(rounded).clone({rows, depth / 2, 2}), rounded,
      ArrayRef<ReassociationIndices>{{0}, {1, 2}});
}

/// The product of pairs, in f32.
static Value multiply(LinalgBuilder &build, Product product) {
  OpBuilder &b = build.builder;
  Value a = product.op->getOperand(0), c = product.op->getOperand(2);
  Value left = product.transposed ? pairRows(build, a) : pairColumns(build, a);
  Value right = pairRows(build, product.op->getOperand(1));
  SmallVector<unsigned> leftLoops = product.transposed
                                        ? SmallVector<unsigned>{2, 0, 3}
                                        : SmallVector<unsigned>{0, 2, 3};
  return build.generic(
      4, {{left, leftLoops}, {right, {2, 1, 3}}}, {{c, {0, 1}}},
      [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
        Type f32 = b.getF32Type();
        Value x = arith::ExtFOp::create(b, build.loc, f32, in[0]);
        Value y = arith::ExtFOp::create(b, build.loc, f32, in[1]);
        Value term = arith::MulFOp::create(b, build.loc, x, y);
        return {arith::AddFOp::create(b, build.loc, out[0], term)};
      })[0];
}

void PackProductsPass::runOnOperation() {
  SmallVector<Product> products;
  getOperation().walk([&](linalg::LinalgOp op) {
    if (auto product = matchProduct(op, lanes))
      products.push_back(*product);
  });
  for (Product product : products) {
    OpBuilder builder(product.op);
    LinalgBuilder build(builder, product.op.getLoc());
    product.op->getResult(0).replaceAllUsesWith(multiply(build, product));
    product.op->erase();
  }
  numProducts += products.size();
}
