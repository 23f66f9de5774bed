//===- LowerBF16.cpp - bf16 on processors with and without it -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/cpu/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Dialect/X86Vector/Transforms.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dale {
#define GEN_PASS_DEF_LOWERBF16
#include "compiler/lower/cpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

/// Whether an op computes with bf16.
static bool isOfBF16(Operation *op) {
  return llvm::any_of(op->getResultTypes(), [](Type type) {
    return isa<VectorType>(type) && getElementTypeOrSelf(type).isBF16();
  });
}

/// A contraction whose factors are pairs of bf16.
static bool isOfPairs(Operation *op) {
  auto contraction = dyn_cast<vector::ContractionOp>(op);
  return contraction && contraction.getLhsType().getElementType().isBF16() &&
         contraction.getIndexingMapsArray().front().getNumDims() == 4;
}

/// Pairs of a left factor that comes with its terms first, [1, M, 2], with its
/// rows first: as upstream's pattern wants them, each a load of its own.
static void putRowsFirst(vector::ContractionOp contraction) {
  SmallVector<AffineMap> maps = contraction.getIndexingMapsArray();
  if (maps[0].getDimPosition(0) == 0)
    return;
  OpBuilder builder(contraction);
  Location loc = contraction.getLoc();
  const int64_t rowsFirst[] = {1, 0, 2};
  Value factor = contraction.getLhs();
  auto read = factor.getDefiningOp<vector::TransferReadOp>();
  if (read && read.getPermutationMap().isMinorIdentity() && !read.getMask()) {
    SmallVector<int64_t> shape;
    for (int64_t dimension : rowsFirst)
      shape.push_back(contraction.getLhsType().getDimSize(dimension));
    AffineMap map = read.getPermutationMap();
    factor = vector::TransferReadOp::create(
        builder, loc, VectorType::get(shape, builder.getBF16Type()),
        read.getBase(), read.getIndices(), read.getPadding(),
        AffineMap::get(map.getNumDims(), 0,
                       {map.getResult(1), map.getResult(0), map.getResult(2)},
                       map.getContext()),
        SmallVector<bool>(3, true));
  } else {
    factor = vector::TransposeOp::create(builder, loc, factor, rowsFirst);
  }
  contraction.getLhsMutable().assign(factor);
  maps[0] = AffineMap::getPermutationMap(rowsFirst, maps[0].getContext())
                .compose(maps[0]);
  contraction.setIndexingMapsAttr(builder.getAffineMapArrayAttr(maps));
}

namespace {

/// [1, …, 2, N] → [1, …, N, 2]: two rows, element by element.
struct InterleaveRows : OpRewritePattern<vector::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(vector::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    VectorType type = op.getSourceVectorType();
    int64_t rank = type.getRank();
    auto rowsLast = llvm::to_vector(llvm::seq<int64_t>(rank));
    if (rank < 2)
      return failure();
    std::swap(rowsLast[rank - 2], rowsLast[rank - 1]);
    int64_t columns = type.getDimSize(rank - 1);
    if (!type.getElementType().isBF16() || type.getDimSize(rank - 2) != 2 ||
        type.getNumElements() != 2 * columns ||
        op.getPermutation() != ArrayRef(rowsLast))
      return failure();
    Location loc = op.getLoc();
    // As integers: LLVM would rather interleave what is rounded to bf16, which
    // is twice as much.
    Value bits = vector::BitCastOp::create(
        rewriter, loc, type.clone(rewriter.getI16Type()), op.getVector());
    Value rows[2];
    for (int64_t row : {0, 1}) {
      SmallVector<int64_t> place(rank - 1, 0);
      place.back() = row;
      rows[row] = vector::ExtractOp::create(rewriter, loc, bits, place);
    }
    Value pairs = vector::InterleaveOp::create(rewriter, loc, rows[0], rows[1]);
    pairs = vector::BitCastOp::create(
        rewriter, loc, VectorType::get(2 * columns, type.getElementType()),
        pairs);
    rewriter.replaceOpWithNewOp<vector::ShapeCastOp>(
        op, op.getResultVectorType(), pairs);
    return success();
  }
};

struct LowerBF16Pass : dale::impl::LowerBF16Base<LowerBF16Pass> {
  using LowerBF16Base::LowerBF16Base;

  void runOnOperation() override {
    if (lanes < 1) {
      getOperation()->emitError("lanes must be positive");
      return signalPassFailure();
    }
    if (!instructions) {
      RewritePatternSet patterns(&getContext());
      arith::populateExpandBFloat16Patterns(patterns);
      if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
        signalPassFailure();
      return;
    }
    getOperation()->walk([](vector::ContractionOp contraction) {
      if (isOfPairs(contraction))
        putRowsFirst(contraction);
    });
    if (failed(unroll()) || failed(lower()))
      signalPassFailure();
  }

private:
  /// To one instruction's part: a row's pair, and a vector of columns' pairs.
  LogicalResult unroll() {
    auto shapeOf = [&](Operation *op) -> std::optional<SmallVector<int64_t>> {
      if (isOfPairs(op))
        return SmallVector<int64_t>{1, lanes, 1, 2};
      auto read = dyn_cast<vector::TransferReadOp>(op);
      if (!read || !isOfBF16(op) || read.getVectorType().getRank() != 3)
        return std::nullopt;
      bool rows = read.getVectorType().getDimSize(1) == 1;
      return SmallVector<int64_t>{1, rows ? 1 : lanes, 2};
    };
    RewritePatternSet patterns(&getContext());
    vector::populateVectorUnrollPatterns(
        patterns, vector::UnrollVectorOptions().setNativeShapeFn(shapeOf));
    vector::ExtractStridedSliceOp::getCanonicalizationPatterns(patterns,
                                                               &getContext());
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  LogicalResult lower() {
    RewritePatternSet patterns(&getContext());
    patterns.add<InterleaveRows>(&getContext());
    x86vector::populateVectorContractToPackedTypeDotProductPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return failure();
    // Pairs beside each other are one vector.
    SmallVector<Operation *> transfers;
    getOperation()->walk([&](VectorTransferOpInterface op) {
      if (op.getVectorType().getElementType().isBF16())
        transfers.push_back(op);
    });
    RewritePatternSet flatten(&getContext());
    vector::populateFlattenVectorTransferPatterns(flatten);
    GreedyRewriteConfig config;
    config.setStrictness(GreedyRewriteStrictness::ExistingOps);
    return applyOpPatternsGreedily(transfers, std::move(flatten), config);
  }
};

} // namespace
