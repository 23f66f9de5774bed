//===- PackProducts.cpp - Factors of products in pairs of bf16 -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A dot-product instruction multiplies two neighbours of one factor with two of
// the other, and adds both products to an accumulator of f32. The two are terms
// of the sum that follow each other: so factors are laid out in pairs of these.
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ImageLoops.h"
#include "compiler/lower/LinalgBuilder.h"
#include "compiler/lower/Products.h"
#include "compiler/lower/RoundedMaps.h"
#include "compiler/lower/cpu/Passes.h"

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

/// A product whose last loop over terms goes over pairs, and the dimension of
/// each factor that it indexes.
struct Product {
  linalg::LinalgOp op;
  unsigned terms;
  unsigned dimensions[2];
};

} // namespace

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// The only dimension of an operand that a loop indexes, alone or as one of a
/// sum: a convolution looks for pixel x + j of its map.
static std::optional<unsigned> findDimension(AffineMap map, unsigned loop) {
  std::optional<unsigned> found;
  for (auto [dimension, result] : llvm::enumerate(map.getResults())) {
    if (!result.isFunctionOfDim(loop))
      continue;
    AffineExpr index = getAffineDimExpr(loop, map.getContext());
    auto sum = dyn_cast<AffineBinaryOpExpr>(result);
    bool isTerm = sum && sum.getKind() == AffineExprKind::Add &&
                  (sum.getLHS() == index || sum.getRHS() == index);
    if (found || (result != index && !isTerm))
      return std::nullopt;
    found = dimension;
  }
  return found;
}

/// A product of f32, with terms that come in pairs and columns that fill
/// vectors.
static std::optional<Product> matchProduct(linalg::LinalgOp op, int64_t lanes) {
  if (!op.hasPureTensorSemantics() || op.hasDynamicShape())
    return std::nullopt;
  std::optional<ProductLoops> loops = matchProductLoops(op);
  if (!loops)
    return std::nullopt;
  for (Value operand : op->getOperands())
    if (!typeOf(operand).getElementType().isF32())
      return std::nullopt;
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  unsigned columns = loops->columns.back(), terms = loops->terms.back();
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  auto isLast = [&](AffineMap map) {
    return map.getResults().back() ==
           getAffineDimExpr(columns, op.getContext());
  };
  std::optional<unsigned> left = findDimension(maps[0], terms);
  std::optional<unsigned> right = findDimension(maps[1], terms);
  if (sizes[columns] % lanes != 0 || sizes[terms] % 2 != 0 ||
      !isLast(maps[1]) || !isLast(maps[2]) || !left || !right)
    return std::nullopt;
  return Product{op, terms, {*left, *right}};
}

/// A tensor seen with one dimension as pairs: [K, N] as [K / 2, 2, N].
static Value seeInPairs(LinalgBuilder &build, Value tensor,
                        unsigned dimension) {
  RankedTensorType type = typeOf(tensor);
  SmallVector<int64_t> shape;
  SmallVector<ReassociationIndices> groups;
  for (auto [i, size] : llvm::enumerate(type.getShape())) {
    groups.push_back({static_cast<int64_t>(shape.size())});
    shape.push_back(i == dimension ? size / 2 : size);
    if (i == dimension) {
      groups.back().push_back(shape.size());
      shape.push_back(2);
    }
  }
  return tensor::ExpandShapeOp::create(build.builder, build.loc,
                                       type.clone(shape), tensor, groups);
}

/// The neighbours along a dimension side by side: [K, N] as [K / 2, N, 2] or,
/// if pairs overlap, as [K − 1, N, 2], where each but the last has one. Rounds
/// what is not rounded yet.
static Value interleave(LinalgBuilder &build, Value tensor, unsigned dimension,
                        bool overlap) {
  OpBuilder &b = build.builder;
  RankedTensorType type = typeOf(tensor);
  unsigned rank = type.getRank(), pair = dimension + 1;
  SmallVector<int64_t> shape(type.getShape());
  shape[dimension] = overlap ? shape[dimension] - 1 : shape[dimension] / 2;
  shape.push_back(2);
  // In the order of the tensor, so that it is rounded before it is rearranged.
  SmallVector<AffineExpr> from, to;
  for (unsigned loop = 0; loop <= rank; ++loop)
    from.push_back(b.getAffineDimExpr(loop));
  to = from;
  std::rotate(to.begin() + pair, to.begin() + pair + 1, to.end());
  if (overlap) {
    from[dimension] = from[dimension] + from[pair];
    from.erase(from.begin() + pair);
  } else {
    tensor = seeInPairs(build, tensor, dimension);
  }
  auto maps = AffineMap::inferFromExprList({from, to}, b.getContext());
  SmallVector<utils::IteratorType> loops(rank + 1,
                                         utils::IteratorType::parallel);
  Value result = build.empty(RankedTensorType::get(shape, b.getBF16Type()));
  return linalg::GenericOp::create(
             b, build.loc, result.getType(), tensor, result, maps, loops,
             [&](OpBuilder &nested, Location loc, ValueRange in) {
               LinalgBuilder inner(nested, loc);
               Value value = in[0].getType().isF32() ? roundToBF16(inner, in[0])
                                                     : Value(in[0]);
               linalg::YieldOp::create(nested, loc, value);
             })
      .getResult(0);
}

/// A factor in bf16, in pairs along a dimension, each beside the other in
/// memory.
static Value makePairs(LinalgBuilder &build, Value factor, unsigned dimension,
                       bool overlap) {
  OpBuilder::InsertionGuard guard(build.builder);
  if (Value same = readBeforeLoops(build.builder, factor))
    return interleave(build, same, dimension, overlap);
  Value rounded = roundMap(build, factor);
  bool beside = dimension + 1 == typeOf(factor).getRank() && !overlap;
  return beside ? seeInPairs(build, rounded, dimension)
                : interleave(build, rounded, dimension, overlap);
}

/// The product of pairs, in f32.
static Value multiply(LinalgBuilder &build, Product product) {
  OpBuilder &b = build.builder;
  unsigned pair = product.op.getNumLoops();
  AffineExpr terms = b.getAffineDimExpr(product.terms);
  SmallVector<Value> factors;
  SmallVector<AffineMap> maps;
  for (unsigned i : {0, 1}) {
    AffineMap map = product.op.getIndexingMapsArray()[i];
    SmallVector<AffineExpr> indices(map.getResults());
    AffineExpr &index = indices[product.dimensions[i]];
    bool overlap = index != terms;
    if (overlap)
      index = index.replace(terms, terms * 2);
    indices.push_back(b.getAffineDimExpr(pair));
    factors.push_back(makePairs(build, product.op->getOperand(i),
                                product.dimensions[i], overlap));
    maps.push_back(AffineMap::get(pair + 1, 0, indices, b.getContext()));
  }
  AffineMap result = product.op.getIndexingMapsArray()[2];
  maps.push_back(
      AffineMap::get(pair + 1, 0, result.getResults(), b.getContext()));
  SmallVector<utils::IteratorType> iterators =
      product.op.getIteratorTypesArray();
  iterators.push_back(utils::IteratorType::reduction);
  return build.addProducts(maps, iterators, factors[0], factors[1],
                           product.op->getOperand(2));
}

void PackProductsPass::runOnOperation() {
  if (lanes < 1) {
    getOperation().emitError("lanes must be positive");
    return signalPassFailure();
  }
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
