//===- SeparableConvolutions.cpp - Depthwise, then pointwise ----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/linalg/Lowering.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace dale;

/// Whether a kernel has so many entries that there are loops over them. Others
/// are written out, one view of the map for each: all of them are then taken in
/// one pass, and with what comes before and behind.
static bool isLarge(int64_t kh, int64_t kw) {
  constexpr int64_t most = 81;
  return kh * kw > most;
}

/// `sum` + the products of a padded map's pixels under a kernel, or, with
/// `overPixels`, what is summed over pixels for each of its entries.
static Value addWindows(LinalgBuilder &build, Value padded, Value factor,
                        Value sum, bool overPixels) {
  OpBuilder &builder = build.builder;
  AffineExpr n, h, w, c, i, j;
  if (overPixels)
    bindDims(builder.getContext(), i, j, c, n, h, w);
  else
    bindDims(builder.getContext(), n, h, w, c, i, j);
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(6, 0, results, builder.getContext());
  };
  unsigned numParallel = overPixels ? 3 : 4;
  SmallVector<utils::IteratorType> iterators(numParallel,
                                             utils::IteratorType::parallel);
  iterators.append(6 - numParallel, utils::IteratorType::reduction);
  AffineMap entries = map({i, j, c}), pixels = map({n, h, w, c});
  return build.addProducts({map({n, h + i, w + j, c}),
                            overPixels ? pixels : entries,
                            overPixels ? entries : pixels},
                           iterators, padded, factor, sum);
}

/// The shifted views of a padded map under each entry of a kernel.
static SmallVector<Value> windows(LinalgBuilder &build, Value input, int64_t kh,
                                  int64_t kw, ArrayRef<int64_t> padding,
                                  int64_t rows, int64_t columns) {
  Value padded = build.pad(input, padding, 0.0);
  SmallVector<Value> result;
  for (int64_t i = 0; i < kh; ++i)
    for (int64_t j = 0; j < kw; ++j)
      result.push_back(build.window(padded, i, j, rows, columns, 1));
  return result;
}

namespace {

struct LowerDepthwiseConv : Lowering<DepthwiseConvOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, DepthwiseConvOp op,
              Adaptor operands) const override {
    RankedTensorType type = typeOf(op.getResult());
    Value kernel = operands.getKernel();
    int64_t kh = dim(kernel, 0), kw = dim(kernel, 1);
    if (isLarge(kh, kw))
      return addWindows(build,
                        build.pad(operands.getInput(), op.getPadding(), 0.0),
                        kernel, build.filled(type, 0.0), /*overPixels=*/false);
    SmallVector<LinalgBuilder::Operand> inputs;
    for (Value view :
         windows(build, operands.getInput(), kh, kw, op.getPadding(),
                 type.getDimSize(1), type.getDimSize(2)))
      inputs.push_back({view, {0, 1, 2, 3}});
    for (int64_t i = 0; i < kh; ++i)
      for (int64_t j = 0; j < kw; ++j)
        inputs.push_back({build.entry(kernel, i, j), {3}});
    return build.generic(4, inputs, {{build.empty(type), {0, 1, 2, 3}}},
                         [&](ValueRange in, ValueRange) -> SmallVector<Value> {
                           int64_t n = kh * kw;
                           Value sum = arith::MulFOp::create(
                               build.builder, op.getLoc(), in[0], in[n]);
                           for (int64_t k = 1; k < n; ++k)
                             sum =
                                 math::FmaOp::create(build.builder, op.getLoc(),
                                                     in[k], in[n + k], sum);
                           return {sum};
                         })[0];
  }
};

struct LowerDepthwiseFilterGrad : Lowering<DepthwiseFilterGradOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, DepthwiseFilterGradOp op,
              Adaptor operands) const override {
    Value sum = accumulatorOf(build, op, operands.getAccumulator());
    int64_t kh = dim(sum, 0), kw = dim(sum, 1);
    Value cotangent = operands.getCotangent();
    if (isLarge(kh, kw))
      return addWindows(build,
                        build.pad(operands.getInput(), op.getPadding(), 0.0),
                        cotangent, sum, /*overPixels=*/true);
    SmallVector<LinalgBuilder::Operand> inputs{{cotangent, {0, 1, 2, 3}}};
    for (Value view :
         windows(build, operands.getInput(), kh, kw, op.getPadding(),
                 dim(cotangent, 1), dim(cotangent, 2)))
      inputs.push_back({view, {0, 1, 2, 3}});
    SmallVector<LinalgBuilder::Operand> outputs;
    for (int64_t i = 0; i < kh; ++i)
      for (int64_t j = 0; j < kw; ++j)
        outputs.push_back({build.entry(sum, i, j), {3}});
    SmallVector<Value> entries =
        build.generic(4, inputs, outputs, [&](ValueRange in, ValueRange out) {
          SmallVector<Value> sums;
          for (int64_t k = 0; k < kh * kw; ++k) {
            Value term = arith::MulFOp::create(build.builder, op.getLoc(),
                                               in[0], in[k + 1]);
            sums.push_back(arith::AddFOp::create(build.builder, op.getLoc(),
                                                 out[k], term));
          }
          return sums;
        });
    for (int64_t k = 0; k < kh * kw; ++k)
      sum = build.insertEntry(entries[k], sum, k / kw, k % kw);
    return sum;
  }
};

struct LowerPointwiseConv : Lowering<PointwiseConvOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, PointwiseConvOp op,
              Adaptor operands) const override {
    Value sum = accumulatorOf(build, op, operands.getAccumulator());
    return build.fromMatrix(build.product(build.asMatrix(operands.getInput()),
                                          operands.getKernel(),
                                          build.asMatrix(sum)),
                            op.getType());
  }
};

struct LowerPointwiseFilterGrad : Lowering<PointwiseFilterGradOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, PointwiseFilterGradOp op,
              Adaptor operands) const override {
    return build.transposedProduct(
        build.asMatrix(operands.getInput()),
        build.asMatrix(operands.getCotangent()),
        accumulatorOf(build, op, operands.getAccumulator()));
  }
};

struct LowerTranspose : Lowering<TransposeOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, TransposeOp op,
              Adaptor operands) const override {
    return build.generic(2, {{operands.getInput(), {1, 0}}},
                         {{build.empty(op.getType()), {0, 1}}},
                         [](ValueRange in, ValueRange) -> SmallVector<Value> {
                           return {in[0]};
                         })[0];
  }
};

} // namespace

void dale::populateSeparableConvolutionLowerings(RewritePatternSet &patterns) {
  patterns.add<LowerDepthwiseConv, LowerDepthwiseFilterGrad, LowerPointwiseConv,
               LowerPointwiseFilterGrad, LowerTranspose>(patterns.getContext());
}
