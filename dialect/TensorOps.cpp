//===- TensorOps.cpp - Verifiers of the tensor ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/TensorOps.h"
#include "dialect/Keyword.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace dale;

using Shape = ArrayRef<int64_t>;

static Shape shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

//===----------------------------------------------------------------------===//
// Checks shared by several ops
//===----------------------------------------------------------------------===//

LogicalResult dale::detail::verifyOneRealType(Operation *op) {
  Type first;
  SmallVector<Type> types(op->getOperandTypes());
  llvm::append_range(types, op->getResultTypes());
  for (Type type : types) {
    Type element = getElementTypeOrSelf(type);
    if (!isa<FloatType>(element))
      continue;
    auto tensor = dyn_cast<RankedTensorType>(type);
    // Buffers may be empty: not every circuit has moving averages.
    if (tensor && tensor.getRank() > 1 &&
        llvm::is_contained(tensor.getShape(), 0))
      return op->emitOpError() << "has a tensor without elements, " << type;
    if (tensor && tensor.getRank() > 0 &&
        ShapedType::isDynamicShape(tensor.getShape().drop_front()))
      return op->emitOpError()
             << "has a tensor of unknown size, " << type
             << "; only the batch, the first dimension, may be unknown";
    if (!first)
      first = element;
    if (element != first)
      return op->emitOpError()
             << "has tensors of " << first << " and of " << element;
  }
  return success();
}

static LogicalResult checkRank(Operation *op, StringRef what, Value value,
                               int64_t rank) {
  if (static_cast<int64_t>(shapeOf(value).size()) == rank)
    return success();
  return op->emitOpError() << what << " must have rank " << rank
                           << ", but has type " << value.getType();
}

static LogicalResult checkShape(Operation *op, StringRef what, Value value,
                                Shape expected) {
  if (shapeOf(value) == expected)
    return success();
  auto type = RankedTensorType::get(
      expected, cast<RankedTensorType>(value.getType()).getElementType());
  return op->emitOpError() << what << " must have type " << type
                           << ", but has type " << value.getType();
}

static LogicalResult checkAccumulator(Operation *op, Value accumulator) {
  if (!accumulator || accumulator.getType() == op->getResult(0).getType())
    return success();
  return op->emitOpError() << "accumulator must have the result's type "
                           << op->getResult(0).getType() << ", but has type "
                           << accumulator.getType();
}

/// Shape [N, H', W', Cout] of a convolution of `input` with a window of
/// `height` × `width` pixels.
static FailureOr<SmallVector<int64_t>>
convolvedShape(Operation *op, Shape input, int64_t height, int64_t width,
               Shape padding, int64_t stride, int64_t channels) {
  if (padding.size() != 4 ||
      llvm::any_of(padding, [](int64_t p) { return p < 0; }))
    return op->emitOpError("padding must be four numbers that are not "
                           "negative: top, bottom, left, right");
  if (stride < 1)
    return op->emitOpError("stride must be positive");
  if (std::max(padding[0], padding[1]) >= height ||
      std::max(padding[2], padding[3]) >= width)
    return op->emitOpError("padding must be smaller than the kernel");
  int64_t rows = input[1] + padding[0] + padding[1] - height;
  int64_t columns = input[2] + padding[2] + padding[3] - width;
  if (rows < 0 || columns < 0)
    return op->emitOpError("kernel is larger than the padded input");
  return SmallVector<int64_t>{input[0], rows / stride + 1, columns / stride + 1,
                              channels};
}

/// Checks input [N, H, W, Cin], kernel [kh, kw, Cin, Cout] and output
/// [N, H', W', Cout] of a regular convolution against each other.
static LogicalResult checkConvolution(Operation *op, Value input,
                                      ArrayRef<int64_t> kernel, Value output,
                                      Shape padding, int64_t stride) {
  if (failed(checkRank(op, "input", input, 4)) ||
      failed(checkRank(op, "output", output, 4)))
    return failure();
  if (kernel.size() != 4)
    return op->emitOpError("kernel must have rank 4");
  if (shapeOf(input)[3] != kernel[2])
    return op->emitOpError()
           << "kernel takes " << kernel[2] << " channels, but the input has "
           << shapeOf(input)[3];
  auto expected = convolvedShape(op, shapeOf(input), kernel[0], kernel[1],
                                 padding, stride, kernel[3]);
  if (failed(expected))
    return failure();
  return checkShape(op, "output", output, *expected);
}

/// The same for a depthwise convolution with a kernel [kh, kw, C].
static LogicalResult checkDepthwise(Operation *op, Value input, Shape kernel,
                                    Value output, Shape padding) {
  if (failed(checkRank(op, "input", input, 4)) ||
      failed(checkRank(op, "output", output, 4)))
    return failure();
  if (kernel.size() != 3)
    return op->emitOpError("kernel must have rank 3");
  if (shapeOf(input)[3] != kernel[2])
    return op->emitOpError()
           << "kernel has " << kernel[2] << " channels, but the input has "
           << shapeOf(input)[3];
  auto expected = convolvedShape(op, shapeOf(input), kernel[0], kernel[1],
                                 padding, /*stride=*/1, kernel[2]);
  if (failed(expected))
    return failure();
  return checkShape(op, "output", output, *expected);
}

/// Checks input [..., Cin], kernel [Cin, Cout] and output [..., Cout].
static LogicalResult checkPointwise(Operation *op, Value input, Shape kernel,
                                    Value output) {
  Shape in = shapeOf(input), out = shapeOf(output);
  if (in.size() < 2)
    return op->emitOpError("input must have a batch and a channel dimension");
  if (kernel.size() != 2)
    return op->emitOpError("kernel must have rank 2");
  if (in.back() != kernel[0])
    return op->emitOpError() << "kernel takes " << kernel[0]
                             << " channels, but the input has " << in.back();
  SmallVector<int64_t> expected(in);
  expected.back() = kernel[1];
  if (out != Shape(expected))
    return checkShape(op, "output", output, expected);
  return success();
}

static LogicalResult checkPool(Operation *op, Value input, Value output,
                               int64_t size, int64_t stride) {
  if (failed(checkRank(op, "input", input, 4)))
    return failure();
  if (size < 1 || stride < 1)
    return op->emitOpError("size and stride must be positive");
  Shape in = shapeOf(input);
  return checkShape(op, "output", output,
                    {in[0], llvm::divideCeilSigned(in[1], stride),
                     llvm::divideCeilSigned(in[2], stride), in[3]});
}

/// Checks that `small` is `large` without `dimensions`.
static LogicalResult checkDimensions(Operation *op, Value small, Value large,
                                     Shape dimensions) {
  Shape all = shapeOf(large);
  if (!llvm::is_sorted(dimensions) ||
      std::adjacent_find(dimensions.begin(), dimensions.end()) !=
          dimensions.end() ||
      (!dimensions.empty() &&
       (dimensions.front() < 0 ||
        dimensions.back() >= static_cast<int64_t>(all.size()))))
    return op->emitOpError("dimensions must be distinct, in order, and less "
                           "than the rank ")
           << all.size();
  SmallVector<int64_t> rest;
  for (auto [i, size] : llvm::enumerate(all))
    if (!llvm::is_contained(dimensions, static_cast<int64_t>(i)))
      rest.push_back(size);
  return checkShape(
      op, op->getNumResults() && small == op->getResult(0) ? "result" : "input",
      small, rest);
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

LogicalResult VariableOp::verify() {
  if (!cast<RankedTensorType>(getType()).hasStaticShape())
    return emitOpError("must have a static shape");
  if (static_cast<int64_t>(getOffset()) < 0)
    return emitOpError("offset must not be negative");
  if (!isa<ConstantInitAttr, GlorotUniformAttr, TruncatedNormalAttr>(
          getInitializer()))
    return emitOpError("initializer must be #dale.constant, "
                       "#dale.glorot_uniform or #dale.truncated_normal");
  return success();
}

/// Checks one variable, or one row of it, against a value and a flat buffer.
static LogicalResult checkVariableUse(Operation *op,
                                      SymbolTableCollection &symbols,
                                      FlatSymbolRefAttr name,
                                      std::optional<int64_t> row, Type value,
                                      Type buffer) {
  auto variable = symbols.lookupNearestSymbolFrom<VariableOp>(op, name);
  if (!variable)
    return op->emitOpError() << "no dale.variable is named " << name;
  auto type = cast<RankedTensorType>(variable.getType());
  int64_t offset = variable.getOffset(), size = type.getNumElements();
  auto flat = cast<RankedTensorType>(buffer);
  if (flat.getRank() != 1 || flat.isDynamicDim(0) ||
      offset > flat.getDimSize(0) - size)
    return op->emitOpError()
           << "variable " << name << " has " << size << " elements from "
           << offset << " on, which are not all in the buffer " << buffer;
  if (row) {
    if (type.getRank() == 0 || *row < 0 || *row >= type.getDimSize(0))
      return op->emitOpError() << "variable " << name << " of type " << type
                               << " has no row " << *row;
    type = RankedTensorType::get(type.getShape().drop_front(),
                                 type.getElementType());
  }
  if (type != value)
    return op->emitOpError()
           << "variable " << name << " gives " << type << ", not " << value;
  return success();
}

LogicalResult ReadOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return checkVariableUse(*this, symbols, getVariableAttr(), getRow(),
                          getResult().getType(), getBuffer().getType());
}

LogicalResult PackOp::verify() {
  if (getValues().size() != getVariables().size() ||
      getValues().size() != getRows().size())
    return emitOpError("must have one variable and one row for each value");
  return success();
}

LogicalResult PackOp::verifySymbolUses(SymbolTableCollection &symbols) {
  for (auto [value, name, row] :
       llvm::zip(getValues(), getVariables(), getRows())) {
    std::optional<int64_t> maybeRow;
    if (row >= 0)
      maybeRow = row;
    if (failed(checkVariableUse(*this, symbols, cast<FlatSymbolRefAttr>(name),
                                maybeRow, value.getType(),
                                getResult().getType())))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

LogicalResult ConvOp::verify() {
  return checkConvolution(*this, getInput(), shapeOf(getKernel()), getResult(),
                          getPadding(), getStride());
}

LogicalResult ConvInputGradOp::verify() {
  return checkConvolution(*this, getResult(), shapeOf(getKernel()),
                          getCotangent(), getPadding(), getStride());
}

LogicalResult ConvFilterGradOp::verify() {
  if (failed(checkAccumulator(*this, getAccumulator())))
    return failure();
  return checkConvolution(*this, getInput(), shapeOf(getResult()),
                          getCotangent(), getPadding(), getStride());
}

LogicalResult DepthwiseConvOp::verify() {
  return checkDepthwise(*this, getInput(), shapeOf(getKernel()), getResult(),
                        getPadding());
}

LogicalResult DepthwiseFilterGradOp::verify() {
  if (failed(checkAccumulator(*this, getAccumulator())))
    return failure();
  return checkDepthwise(*this, getInput(), shapeOf(getResult()), getCotangent(),
                        getPadding());
}

LogicalResult PointwiseConvOp::verify() {
  if (failed(checkAccumulator(*this, getAccumulator())))
    return failure();
  return checkPointwise(*this, getInput(), shapeOf(getKernel()), getResult());
}

LogicalResult PointwiseFilterGradOp::verify() {
  if (failed(checkAccumulator(*this, getAccumulator())))
    return failure();
  return checkPointwise(*this, getInput(), shapeOf(getResult()),
                        getCotangent());
}

LogicalResult TransposeOp::verify() {
  if (failed(checkRank(*this, "input", getInput(), 2)))
    return failure();
  Shape in = shapeOf(getInput());
  return checkShape(*this, "result", getResult(), {in[1], in[0]});
}

LogicalResult TurnOp::verify() {
  SmallVector<int64_t> expected(shapeOf(getInput()));
  if (expected.size() == 4)
    std::swap(expected[2], expected[3]);
  else if (expected.size() != 3)
    return emitOpError("input must be a depthwise or a regular kernel, with "
                       "rank 3 or 4");
  return checkShape(*this, "result", getResult(), expected);
}

//===----------------------------------------------------------------------===//
// Pooling, sums, broadcasts
//===----------------------------------------------------------------------===//

LogicalResult MaxPoolOp::verify() {
  return checkPool(*this, getInput(), getResult(), getSize(), getStride());
}

LogicalResult MaxPoolGradOp::verify() {
  if (failed(
          checkPool(*this, getInput(), getCotangent(), getSize(), getStride())))
    return failure();
  return checkShape(*this, "result", getResult(), shapeOf(getInput()));
}

LogicalResult BroadcastOp::verify() {
  if (isBatched(getResult().getType()) && !isBatched(getInput().getType()) &&
      (!getLike() || !isBatched(getLike().getType())))
    return emitOpError("along the batch needs a batched tensor to be like");
  return checkDimensions(*this, getInput(), getResult(), getDimensions());
}

//===----------------------------------------------------------------------===//
// Pixels and channels in other places
//===----------------------------------------------------------------------===//

/// Checks that the pixels of a `small` map, stride apart from (top, left), lie
/// in a `large` one.
static LogicalResult checkPlaces(Operation *op, Value small, Value large,
                                 int64_t top, int64_t left, int64_t stride) {
  if (failed(checkRank(op, "input", op->getOperand(0), 4)) ||
      failed(checkRank(op, "result", op->getResult(0), 4)))
    return failure();
  Shape from = shapeOf(small), to = shapeOf(large);
  if (from[0] != to[0] || from[3] != to[3])
    return op->emitOpError("must keep the batch and the channels");
  if (stride < 1 || top < 0 || left < 0)
    return op->emitOpError(
        "needs a positive stride and a place that is not negative");
  if (top >= to[1] || from[1] - 1 > (to[1] - 1 - top) / stride ||
      left >= to[2] || from[2] - 1 > (to[2] - 1 - left) / stride)
    return op->emitOpError("has pixels outside of the larger map");
  return success();
}

LogicalResult SpreadOp::verify() {
  return checkPlaces(*this, getInput(), getResult(), getTop(), getLeft(),
                     getStride());
}

LogicalResult SampleOp::verify() {
  return checkPlaces(*this, getResult(), getInput(), getTop(), getLeft(),
                     getStride());
}

LogicalResult JoinOp::verify() {
  if (getInputs().empty())
    return emitOpError("needs at least one map");
  Shape result = shapeOf(getResult());
  int64_t channels = 0;
  for (Value input : getInputs()) {
    if (failed(checkRank(*this, "input", input, result.size())))
      return failure();
    if (result.empty() || shapeOf(input).drop_back() != result.drop_back())
      return emitOpError("must have maps that differ in channels only");
    channels += shapeOf(input).back();
  }
  if (channels != result.back())
    return emitOpError() << "has a result of " << result.back()
                         << " channels, but its maps have " << channels;
  return success();
}

LogicalResult ChannelsOp::verify() {
  Shape input = shapeOf(getInput()), result = shapeOf(getResult());
  if (failed(checkRank(*this, "result", getResult(), input.size())))
    return failure();
  if (input.empty() || input.drop_back() != result.drop_back())
    return emitOpError("may change the channels only");
  int64_t first = getFirst();
  if (first < 0 || first > input.back() - result.back())
    return emitOpError() << "takes " << result.back() << " channels from "
                         << first << " on, of " << input.back();
  return success();
}

LogicalResult DropoutMaskOp::verify() {
  if (failed(checkRank(*this, "keys", getKeys(), 1)) ||
      failed(checkRank(*this, "result", getResult(), 4)))
    return failure();
  if (shapeOf(getKeys())[0] != shapeOf(getResult())[0])
    return emitOpError("needs one key an image");
  double keep = getKeep().convertToDouble();
  if (!(keep > 0 && keep <= 1))
    return emitOpError("keep must be more than 0 and at most 1");
  return success();
}

/// A broadcast splat is a splat.
OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  auto splat = dyn_cast_or_null<SplatElementsAttr>(adaptor.getInput());
  if (!splat || !getType().hasStaticShape())
    return {};
  return splat.resizeSplat(getType());
}

namespace {
/// A result of static shape needs nothing to be like.
struct DropLike : OpRewritePattern<BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BroadcastOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getLike() || !op.getType().hasStaticShape())
      return failure();
    rewriter.modifyOpInPlace(op, [&] { op.getLikeMutable().clear(); });
    return success();
  }
};
} // namespace

void BroadcastOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<DropLike>(context);
}

LogicalResult ReduceOp::verify() {
  if (failed(checkAccumulator(*this, getAccumulator())))
    return failure();
  return checkDimensions(*this, getResult(), getInput(), getDimensions());
}

//===----------------------------------------------------------------------===//
// Batch norm and loss
//===----------------------------------------------------------------------===//

static LogicalResult checkBatchNorm(Operation *op, Value input, Value scale,
                                    Value count) {
  if (shapeOf(input).size() < 2)
    return op->emitOpError("input must have a batch and a channel dimension");
  if (failed(checkRank(op, "count", count, 0)))
    return failure();
  return checkShape(op, "scale", scale, {shapeOf(input).back()});
}

LogicalResult BatchNormOp::verify() {
  return checkBatchNorm(*this, getInput(), getScale(), getCount());
}

LogicalResult BatchNormGradOp::verify() {
  return checkBatchNorm(*this, getInput(), getScale(), getCount());
}

LogicalResult SoftmaxCrossEntropyOp::verify() {
  if (failed(checkRank(*this, "logits", getLogits(), 2)))
    return failure();
  int64_t batch = shapeOf(getLogits())[0];
  if (failed(checkShape(*this, "labels", getLabels(), {batch})))
    return failure();
  return checkShape(*this, "result", getResult(), {batch});
}

LogicalResult SoftmaxCrossEntropyGradOp::verify() {
  if (failed(checkRank(*this, "logits", getLogits(), 2)))
    return failure();
  int64_t batch = shapeOf(getLogits())[0];
  if (failed(checkShape(*this, "labels", getLabels(), {batch})) ||
      failed(checkShape(*this, "cotangent", getCotangent(), {batch})))
    return failure();
  return checkShape(*this, "result", getResult(), shapeOf(getLogits()));
}

LogicalResult CropOp::verify() {
  if (failed(checkRank(*this, "picks", getPicks(), 1)) ||
      failed(checkRank(*this, "result", getResult(), 4)))
    return failure();
  int64_t batch = shapeOf(getPicks())[0];
  if (!ShapedType::isDynamic(batch) && batch != 1)
    return emitOpError("needs a batch of unknown size, or one image");
  ArrayRef<int64_t> image = shapeOf(getResult()).drop_front();
  SmallVector<int64_t> bytes{1, ShapedType::kDynamic}, result{batch};
  llvm::append_range(bytes, image);
  llvm::append_range(result, image);
  if (failed(checkShape(*this, "bytes", getBytes(), bytes)) ||
      failed(checkShape(*this, "draws", getDraws(), {batch, 3})))
    return failure();
  return checkShape(*this, "result", getResult(), result);
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

LogicalResult StageOp::verifyRegions() {
  if (getBody().getNumArguments() != getInputs().size())
    return emitOpError("must have one block argument for each input");
  for (auto [input, argument] :
       llvm::zip(getInputs(), getBody().getArguments()))
    if (argument.getType() != imageType(input.getType()))
      return emitOpError() << "block argument of an input of type "
                           << input.getType() << " must have type "
                           << imageType(input.getType()) << ", but has type "
                           << argument.getType();
  auto yield = cast<YieldOp>(getBody().front().getTerminator());
  if (yield.getNumOperands() != getNumResults())
    return emitOpError("must yield one value for each result");
  for (auto [value, result] :
       llvm::zip(yield.getOperands(), getOperation()->getResultTypes()))
    if (value.getType() != imageType(result))
      return yield.emitOpError()
             << "a result of type " << result << " needs a value of type "
             << imageType(result) << ", not " << value.getType();
  auto batched = [](Type type) { return isBatched(type); };
  if (getOnce() && (llvm::any_of(getOperation()->getOperandTypes(), batched) ||
                    llvm::any_of(getOperation()->getResultTypes(), batched)))
    return emitOpError("that runs once cannot have batched tensors");
  if (!getOnce() && llvm::none_of(getOperation()->getOperandTypes(), batched))
    return emitOpError("over images needs a batched input");
  return success();
}

namespace {
/// An input that the body does not use is not an input. A stage over images
/// keeps one that is batched: it says how many images there are.
struct DropUnusedInputs : OpRewritePattern<StageOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(StageOp op,
                                PatternRewriter &rewriter) const override {
    llvm::BitVector unused(op.getInputs().size());
    int64_t numBatched = llvm::count_if(
        op.getInputs(), [](Value input) { return isBatched(input.getType()); });
    for (auto [i, argument] : llvm::enumerate(op.getBody().getArguments())) {
      if (!argument.use_empty())
        continue;
      bool batched = isBatched(op.getInputs()[i].getType());
      if (batched && numBatched == 1)
        continue;
      numBatched -= batched;
      unused.set(i);
    }
    if (unused.none())
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getBody().front().eraseArguments(unused);
      op->eraseOperands(unused);
    });
    return success();
  }
};
} // namespace

void StageOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<DropUnusedInputs>(context);
}

Value dale::createSplat(OpBuilder &builder, Location loc, double value,
                        Value like) {
  auto type = cast<RankedTensorType>(like.getType());
  auto constant = [&](RankedTensorType type) -> Value {
    Attribute element = builder.getFloatAttr(type.getElementType(), value);
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(type, element));
  };
  if (type.hasStaticShape())
    return constant(type);
  auto all = llvm::to_vector(llvm::seq<int64_t>(type.getRank()));
  return BroadcastOp::create(
      builder, loc, type,
      constant(RankedTensorType::get({}, type.getElementType())), like, all);
}

SmallVector<int64_t> dale::samePadding(ArrayRef<int64_t> sizes, int64_t window,
                                       int64_t stride) {
  SmallVector<int64_t> padding;
  for (int64_t size : sizes) {
    int64_t places = llvm::divideCeilSigned(size, stride);
    int64_t total = std::max<int64_t>((places - 1) * stride + window - size, 0);
    padding.append({total / 2, total - total / 2});
  }
  return padding;
}

#define GET_OP_CLASSES
#include "dialect/TensorOps.cpp.inc"
