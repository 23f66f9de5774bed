//===- TensorDerivatives.cpp - Derivatives of the tensor ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each op turns the cotangents of its results into those of its operands. The
// derivative of a stride-1 convolution with respect to its input is again such
// a convolution, with the kernel turned or transposed, so that it is shared,
// hoisted and lowered like any other.
//
//===----------------------------------------------------------------------===//

#include "dialect/TensorOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace dale;

using Cotangents = MutableArrayRef<Value>;

/// A gradient that starts from zero: a batch-sum op without an accumulator.
static constexpr std::nullptr_t noAccumulator = nullptr;

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

void ReadOp::buildCotangents(OpBuilder &builder, ValueRange results,
                             Cotangents operands) {
  int64_t row = getRow() ? static_cast<int64_t>(*getRow()) : -1;
  operands[0] =
      PackOp::create(builder, getLoc(), getBuffer().getType(), results[0],
                     builder.getArrayAttr({getVariableAttr()}),
                     builder.getDenseI64ArrayAttr({row}));
}

void PackOp::buildCotangents(OpBuilder &builder, ValueRange results,
                             Cotangents operands) {
  for (auto [i, value] : llvm::enumerate(getValues())) {
    int64_t row = getRows()[i];
    operands[i] = ReadOp::create(builder, getLoc(), value.getType(), results[0],
                                 cast<FlatSymbolRefAttr>(getVariables()[i]),
                                 row < 0 ? IntegerAttr()
                                         : builder.getI64IntegerAttr(row));
  }
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// Padding under which a convolution with the turned kernel undoes the shift of
/// one with `padding`.
static SmallVector<int64_t> turnedPadding(ArrayRef<int64_t> padding,
                                          RankedTensorType kernel) {
  int64_t rows = kernel.getDimSize(0) - 1, columns = kernel.getDimSize(1) - 1;
  return {rows - padding[0], rows - padding[1], columns - padding[2],
          columns - padding[3]};
}

void ConvOp::buildCotangents(OpBuilder &builder, ValueRange results,
                             Cotangents operands) {
  auto kernelType = cast<RankedTensorType>(getKernel().getType());
  if (getStride() == 1) {
    ArrayRef<int64_t> shape = kernelType.getShape();
    Value turned = TurnOp::create(
        builder, getLoc(),
        kernelType.clone({shape[0], shape[1], shape[3], shape[2]}),
        getKernel());
    operands[0] =
        ConvOp::create(builder, getLoc(), getInput().getType(), results[0],
                       turned, turnedPadding(getPadding(), kernelType));
  } else {
    operands[0] = ConvInputGradOp::create(
        builder, getLoc(), getInput().getType(), results[0], getKernel(),
        getPadding(), getStride());
  }
  operands[1] = ConvFilterGradOp::create(
      builder, getLoc(), getKernel().getType(), getInput(), results[0],
      noAccumulator, getPadding(), getStride());
}

void ConvInputGradOp::buildCotangents(OpBuilder &builder, ValueRange results,
                                      Cotangents operands) {
  operands[0] =
      ConvOp::create(builder, getLoc(), getCotangent().getType(), results[0],
                     getKernel(), getPadding(), getStride());
  operands[1] = ConvFilterGradOp::create(
      builder, getLoc(), getKernel().getType(), results[0], getCotangent(),
      noAccumulator, getPadding(), getStride());
}

void ConvFilterGradOp::buildCotangents(OpBuilder &builder, ValueRange results,
                                       Cotangents operands) {
  operands[0] = ConvInputGradOp::create(builder, getLoc(), getInput().getType(),
                                        getCotangent(), results[0],
                                        getPadding(), getStride());
  operands[1] =
      ConvOp::create(builder, getLoc(), getCotangent().getType(), getInput(),
                     results[0], getPadding(), getStride());
  if (getAccumulator())
    operands[2] = results[0];
}

void DepthwiseConvOp::buildCotangents(OpBuilder &builder, ValueRange results,
                                      Cotangents operands) {
  auto kernelType = cast<RankedTensorType>(getKernel().getType());
  Value turned = TurnOp::create(builder, getLoc(), kernelType, getKernel());
  operands[0] = DepthwiseConvOp::create(
      builder, getLoc(), getInput().getType(), results[0], turned,
      turnedPadding(getPadding(), kernelType));
  operands[1] =
      DepthwiseFilterGradOp::create(builder, getLoc(), kernelType, getInput(),
                                    results[0], noAccumulator, getPadding());
}

void DepthwiseFilterGradOp::buildCotangents(OpBuilder &builder,
                                            ValueRange results,
                                            Cotangents operands) {
  auto kernelType = cast<RankedTensorType>(getResult().getType());
  Value turned = TurnOp::create(builder, getLoc(), kernelType, results[0]);
  operands[0] = DepthwiseConvOp::create(
      builder, getLoc(), getInput().getType(), getCotangent(), turned,
      turnedPadding(getPadding(), kernelType));
  operands[1] =
      DepthwiseConvOp::create(builder, getLoc(), getCotangent().getType(),
                              getInput(), results[0], getPadding());
  if (getAccumulator())
    operands[2] = results[0];
}

static Value transpose(OpBuilder &builder, Location loc, Value matrix) {
  auto type = cast<RankedTensorType>(matrix.getType());
  return TransposeOp::create(
      builder, loc, type.clone({type.getDimSize(1), type.getDimSize(0)}),
      matrix);
}

void PointwiseConvOp::buildCotangents(OpBuilder &builder, ValueRange results,
                                      Cotangents operands) {
  operands[0] = PointwiseConvOp::create(
      builder, getLoc(), getInput().getType(), results[0],
      transpose(builder, getLoc(), getKernel()), noAccumulator);
  operands[1] =
      PointwiseFilterGradOp::create(builder, getLoc(), getKernel().getType(),
                                    getInput(), results[0], noAccumulator);
  if (getAccumulator())
    operands[2] = results[0];
}

void PointwiseFilterGradOp::buildCotangents(OpBuilder &builder,
                                            ValueRange results,
                                            Cotangents operands) {
  operands[0] = PointwiseConvOp::create(
      builder, getLoc(), getInput().getType(), getCotangent(),
      transpose(builder, getLoc(), results[0]), noAccumulator);
  operands[1] =
      PointwiseConvOp::create(builder, getLoc(), getCotangent().getType(),
                              getInput(), results[0], noAccumulator);
  if (getAccumulator())
    operands[2] = results[0];
}

void TransposeOp::buildCotangents(OpBuilder &builder, ValueRange results,
                                  Cotangents operands) {
  operands[0] =
      TransposeOp::create(builder, getLoc(), getInput().getType(), results[0]);
}

void TurnOp::buildCotangents(OpBuilder &builder, ValueRange results,
                             Cotangents operands) {
  operands[0] =
      TurnOp::create(builder, getLoc(), getInput().getType(), results[0]);
}

//===----------------------------------------------------------------------===//
// Pooling, sums, broadcasts, point-wise functions
//===----------------------------------------------------------------------===//

void MaxPoolOp::buildCotangents(OpBuilder &builder, ValueRange results,
                                Cotangents operands) {
  operands[0] =
      MaxPoolGradOp::create(builder, getLoc(), getInput().getType(), getInput(),
                            results[0], getSize(), getStride());
}

void BroadcastOp::buildCotangents(OpBuilder &builder, ValueRange results,
                                  Cotangents operands) {
  operands[0] = ReduceOp::create(builder, getLoc(), getInput().getType(),
                                 results[0], noAccumulator, getDimensions());
}

void ReduceOp::buildCotangents(OpBuilder &builder, ValueRange results,
                               Cotangents operands) {
  operands[0] = BroadcastOp::create(builder, getLoc(), getInput().getType(),
                                    results[0], getInput(), getDimensions());
  if (getAccumulator())
    operands[1] = results[0];
}

void SigmoidOp::buildCotangents(OpBuilder &builder, ValueRange results,
                                Cotangents operands) {
  // σ' = σ - σ², from the value that is there already.
  Value sigma = getResult();
  Value square = arith::MulFOp::create(builder, getLoc(), sigma, sigma);
  Value slope = arith::SubFOp::create(builder, getLoc(), sigma, square);
  operands[0] = arith::MulFOp::create(builder, getLoc(), results[0], slope);
}

void SoftplusOp::buildCotangents(OpBuilder &builder, ValueRange results,
                                 Cotangents operands) {
  Value slope =
      SigmoidOp::create(builder, getLoc(), getInput().getType(), getInput());
  operands[0] = arith::MulFOp::create(builder, getLoc(), results[0], slope);
}

//===----------------------------------------------------------------------===//
// Pixels and channels in other places
//===----------------------------------------------------------------------===//

void SpreadOp::buildCotangents(OpBuilder &builder, ValueRange results,
                               Cotangents operands) {
  operands[0] = SampleOp::create(builder, getLoc(), getInput().getType(),
                                 results[0], getTop(), getLeft(), getStride());
}

void SampleOp::buildCotangents(OpBuilder &builder, ValueRange results,
                               Cotangents operands) {
  operands[0] = SpreadOp::create(builder, getLoc(), getInput().getType(),
                                 results[0], getTop(), getLeft(), getStride());
}

void JoinOp::buildCotangents(OpBuilder &builder, ValueRange results,
                             Cotangents operands) {
  int64_t first = 0;
  for (auto [input, cotangent] : llvm::zip(getInputs(), operands)) {
    cotangent = ChannelsOp::create(builder, getLoc(), input.getType(),
                                   results[0], first);
    first += cast<RankedTensorType>(input.getType()).getShape().back();
  }
}

//===----------------------------------------------------------------------===//
// Batch norm and loss
//===----------------------------------------------------------------------===//

void BatchNormOp::buildCotangents(OpBuilder &builder, ValueRange results,
                                  Cotangents operands) {
  if (!results[0])
    return;
  auto gradient = BatchNormGradOp::create(
      builder, getLoc(), results[0], getInput(), getScale(), getMean(),
      getVariance(), getCount(), getEpsilon());
  operands[0] = gradient.getInputGrad();
  operands[1] = gradient.getScaleGrad();
  operands[2] = gradient.getOffsetGrad();
}

void SoftmaxCrossEntropyOp::buildCotangents(OpBuilder &builder,
                                            ValueRange results,
                                            Cotangents operands) {
  operands[0] = SoftmaxCrossEntropyGradOp::create(
      builder, getLoc(), getLogits().getType(), results[0], getLogits(),
      getLabels());
}

//===----------------------------------------------------------------------===//
// Accumulators
//===----------------------------------------------------------------------===//

#define DALE_SET_ACCUMULATOR(OP)                                               \
  void OP::setAccumulator(Value value) {                                       \
    getAccumulatorMutable().assign(value ? ValueRange(value) : ValueRange());  \
  }

DALE_SET_ACCUMULATOR(ConvFilterGradOp)
DALE_SET_ACCUMULATOR(DepthwiseFilterGradOp)
DALE_SET_ACCUMULATOR(PointwiseConvOp)
DALE_SET_ACCUMULATOR(PointwiseFilterGradOp)
DALE_SET_ACCUMULATOR(ReduceOp)
