//===- Convolutions.cpp - Regular convolutions ------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/linalg/Lowering.h"

using namespace mlir;
using namespace dale;

/// The pixels under the kernel for each pixel of the result:
/// [1, H', W', kh · kw · C], so that a convolution is a product. Those under a
/// row of the kernel lie one behind the other, in rows [1, H, W · C] of the
/// map.
static Value patches(LinalgBuilder &build, Value input, int64_t kh, int64_t kw,
                     ArrayRef<int64_t> padding, int64_t stride, int64_t rows,
                     int64_t columns) {
  OpBuilder &builder = build.builder;
  int64_t channels = dim(input, 3);
  Value mapRows = tensor::CollapseShapeOp::create(
      builder, build.loc, build.pad(input, padding, 0.0),
      SmallVector<ReassociationIndices>{{0}, {1}, {2, 3}});
  Value result =
      build.empty(typeOf(input).clone({1, rows, columns, kh, kw * channels}));
  AffineExpr n, h, w, i, j;
  bindDims(builder.getContext(), n, h, w, i, j);
  AffineMap under =
      AffineMap::get(5, 0, {n, h * stride + i, w * stride * channels + j},
                     builder.getContext());
  SmallVector<utils::IteratorType> loops(5, utils::IteratorType::parallel);
  auto gather = linalg::GenericOp::create(
      builder, build.loc, result.getType(), mapRows, result,
      {under, builder.getMultiDimIdentityMap(5)}, loops,
      [](OpBuilder &nested, Location loc, ValueRange in) {
        linalg::YieldOp::create(nested, loc, in[0]);
      });
  return tensor::CollapseShapeOp::create(
      builder, build.loc, gather.getResult(0),
      SmallVector<ReassociationIndices>{{0}, {1}, {2}, {3, 4}});
}

/// `output` = conv(input, kernel), output's type given.
static Value convolve(LinalgBuilder &build, Value input, Value kernel,
                      RankedTensorType output, ArrayRef<int64_t> padding,
                      int64_t stride) {
  if (stride == 1)
    return linalg::Conv2DNhwcHwcfOp::create(
               build.builder, build.loc, output,
               ValueRange{build.pad(input, padding, 0.0), kernel},
               ValueRange{build.filled(output, 0.0)})
        .getResult(0);
  Value columns = patches(build, input, dim(kernel, 0), dim(kernel, 1), padding,
                          stride, output.getDimSize(1), output.getDimSize(2));
  Value result = build.asMatrix(build.filled(output, 0.0));
  return build.fromMatrix(
      build.product(build.asMatrix(columns), build.asMatrix(kernel), result),
      output);
}

namespace {

struct LowerConv : Lowering<ConvOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, ConvOp op,
              Adaptor operands) const override {
    return convolve(build, operands.getInput(), operands.getKernel(),
                    typeOf(op.getResult()), op.getPadding(), op.getStride());
  }
};

} // namespace

/// The kernel turned by 180°, with the channels of a regular kernel exchanged:
/// one op, which reads backwards.
static Value turn(LinalgBuilder &build, Value kernel) {
  RankedTensorType type = typeOf(kernel);
  if (type.getNumElements() == 1)
    return kernel;
  SmallVector<int64_t> shape(type.getShape());
  if (shape.size() == 4)
    std::swap(shape[2], shape[3]);
  OpBuilder &builder = build.builder;
  Location loc = build.loc;
  auto body = [&](ValueRange) -> Value {
    SmallVector<Value> place;
    for (unsigned loop = 0; loop < shape.size(); ++loop)
      place.push_back(linalg::IndexOp::create(builder, loc, loop));
    for (unsigned loop : {0, 1}) {
      Value last =
          arith::ConstantIndexOp::create(builder, loc, shape[loop] - 1);
      place[loop] = arith::SubIOp::create(builder, loc, last, place[loop]);
    }
    if (shape.size() == 4)
      std::swap(place[2], place[3]);
    return tensor::ExtractOp::create(builder, loc, kernel, place);
  };
  return build.map({}, type.clone(shape), body);
}

namespace {

struct LowerTurn : Lowering<TurnOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, TurnOp, Adaptor operands) const override {
    return turn(build, operands.getInput());
  }
};

/// A convolution of the cotangent, with zeros between its pixels where the
/// stride is larger than one, with the turned kernel.
struct LowerConvInputGrad : Lowering<ConvInputGradOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, ConvInputGradOp op,
              Adaptor operands) const override {
    Value kernel = operands.getKernel();
    RankedTensorType result = typeOf(op.getResult());
    RankedTensorType cotangent = typeOf(op.getCotangent());
    int64_t stride = op.getStride(), kh = dim(kernel, 0), kw = dim(kernel, 1);
    // The pixel of the result under the kernel's last entry at the cotangent's
    // first pixel is kh − 1 − top rows down.
    SmallVector<int64_t> shape{1, result.getDimSize(1) + kh - 1,
                               result.getDimSize(2) + kw - 1,
                               cotangent.getDimSize(3)};
    Value spread = build.filled(cotangent.clone(shape), 0.0);
    spread = build.insert(
        operands.getCotangent(), spread,
        {0, kh - 1 - op.getPadding()[0], kw - 1 - op.getPadding()[2], 0},
        {1, stride, stride, 1});
    return convolve(build, spread, turn(build, kernel), result, {0, 0, 0, 0},
                    /*stride=*/1);
  }
};

} // namespace

/// `sum` + what the kernel's entries contribute: for each, a sum over pixels of
/// the padded input times the cotangent.
static Value sumOverPixels(LinalgBuilder &build, Value padded, Value cotangent,
                           Value sum) {
  OpBuilder &builder = build.builder;
  AffineExpr i, j, c, n, image, h, w;
  bindDims(builder.getContext(), i, j, c, n, image, h, w);
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(7, 0, results, builder.getContext());
  };
  SmallVector<utils::IteratorType> iterators(4, utils::IteratorType::parallel);
  iterators.append(3, utils::IteratorType::reduction);
  return build.addProducts(
      {map({image, h + i, w + j, c}), map({image, h, w, n}), map({i, j, c, n})},
      iterators, padded, cotangent, sum);
}

namespace {

struct LowerConvFilterGrad : Lowering<ConvFilterGradOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, ConvFilterGradOp op,
              Adaptor operands) const override {
    RankedTensorType type = typeOf(op.getResult());
    Value cotangent = operands.getCotangent();
    Value sum = accumulatorOf(build, op, operands.getAccumulator());
    if (op.getStride() == 1)
      return sumOverPixels(build,
                           build.pad(operands.getInput(), op.getPadding(), 0.0),
                           cotangent, sum);
    Value columns = patches(build, operands.getInput(), type.getDimSize(0),
                            type.getDimSize(1), op.getPadding(), op.getStride(),
                            dim(cotangent, 1), dim(cotangent, 2));
    return build.fromMatrix(build.transposedProduct(build.asMatrix(columns),
                                                    build.asMatrix(cotangent),
                                                    build.asMatrix(sum)),
                            type);
  }
};

} // namespace

void dale::populateConvolutionLowerings(RewritePatternSet &patterns) {
  patterns.add<LowerConv, LowerTurn, LowerConvInputGrad, LowerConvFilterGrad>(
      patterns.getContext());
}
