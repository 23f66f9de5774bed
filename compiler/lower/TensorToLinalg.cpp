//===- TensorToLinalg.cpp - Tensor ops of one image as linalg -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Inside of a stage every tensor has a static shape. Here its ops become linalg
// ops; what they have in common stands in LinalgBuilder.
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/LinalgBuilder.h"
#include "compiler/lower/Passes.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/DialectConversion.h"

namespace dale {
#define GEN_PASS_DEF_TENSORTOLINALG
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static int64_t dim(Value value, unsigned index) {
  return typeOf(value).getDimSize(index);
}

/// A pattern on one op, with a builder at its place.
template <typename Op>
struct Lowering : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  using Adaptor = typename Op::Adaptor;

  LogicalResult
  matchAndRewrite(Op op, Adaptor operands,
                  ConversionPatternRewriter &rewriter) const override {
    LinalgBuilder build(rewriter, op.getLoc());
    rewriter.replaceOp(op, lower(build, op, operands));
    return success();
  }

  virtual Value lower(LinalgBuilder &build, Op op, Adaptor operands) const = 0;
};

/// The accumulator of an op, or zeros.
template <typename Op>
static Value accumulatorOf(LinalgBuilder &build, Op op, Value accumulator) {
  return accumulator ? accumulator : build.filled(op.getType(), 0.0);
}

namespace {

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

/// First element and number of elements of a variable, or of one row of it.
std::pair<int64_t, int64_t> extent(Operation *user, FlatSymbolRefAttr name,
                                   int64_t row) {
  auto variable = SymbolTable::lookupNearestSymbolFrom<VariableOp>(user, name);
  auto type = cast<RankedTensorType>(variable.getType());
  int64_t offset = variable.getOffset(), size = type.getNumElements();
  if (row >= 0) {
    size /= type.getDimSize(0);
    offset += row * size;
  }
  return {offset, size};
}

struct LowerRead : Lowering<ReadOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, ReadOp op,
              Adaptor operands) const override {
    auto [offset, size] =
        extent(op, op.getVariableAttr(),
               op.getRow() ? static_cast<int64_t>(*op.getRow()) : -1);
    OpBuilder &b = build.builder;
    Value flat = tensor::ExtractSliceOp::create(
        b, op.getLoc(), operands.getBuffer(),
        ArrayRef<OpFoldResult>{b.getIndexAttr(offset)},
        ArrayRef<OpFoldResult>{b.getIndexAttr(size)},
        ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
    return build.unflatten(flat, op.getType());
  }
};

/// Values are stored in a buffer, one by one. As a tensor with hundreds of
/// parts inserted, each part would have to be held against all others to see
/// that they are apart.
struct LowerPack : Lowering<PackOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, PackOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    Value buffer = memref::AllocOp::create(
        b, loc, MemRefType::get(type.getShape(), type.getElementType()));
    linalg::FillOp::create(b, loc, build.scalar(type.getElementType(), 0.0),
                           buffer);
    for (auto [value, name, row] :
         llvm::zip(operands.getValues(), op.getVariables(), op.getRows())) {
      auto [offset, size] = extent(op, cast<FlatSymbolRefAttr>(name), row);
      Value part = memref::SubViewOp::create(
          b, loc, buffer, ArrayRef<OpFoldResult>{b.getIndexAttr(offset)},
          ArrayRef<OpFoldResult>{b.getIndexAttr(size)},
          ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
      auto store = bufferization::MaterializeInDestinationOp::create(
          b, loc, build.flatten(value), part);
      store.setRestrict(true);
      store.setWritable(true);
    }
    return bufferization::ToTensorOp::create(b, loc, type, buffer,
                                             /*restrict=*/true);
  }
};

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// The pixels under the kernel for each pixel of the result:
/// [1, H', W', kh · kw · C], so that a convolution is a product. Those under a
/// row of the kernel lie one behind the other, in rows [1, H, W · C] of the map.
Value patches(LinalgBuilder &build, Value input, int64_t kh, int64_t kw,
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
Value convolve(LinalgBuilder &build, Value input, Value kernel,
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

struct LowerConv : Lowering<ConvOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, ConvOp op,
              Adaptor operands) const override {
    return convolve(build, operands.getInput(), operands.getKernel(),
                    typeOf(op.getResult()), op.getPadding(), op.getStride());
  }
};

/// The kernel turned by 180°, with the channels of a regular kernel exchanged:
/// one op, which reads backwards.
Value turn(LinalgBuilder &build, Value kernel) {
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

/// `sum` + what the kernel's entries contribute: for each, a sum over pixels of
/// the padded input times the cotangent.
Value sumOverPixels(LinalgBuilder &build, Value padded, Value cotangent,
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

/// The shifted views of a padded map under each entry of a kernel.
SmallVector<Value> windows(LinalgBuilder &build, Value input, int64_t kh,
                           int64_t kw, ArrayRef<int64_t> padding, int64_t rows,
                           int64_t columns) {
  Value padded = build.pad(input, padding, 0.0);
  SmallVector<Value> result;
  for (int64_t i = 0; i < kh; ++i)
    for (int64_t j = 0; j < kw; ++j)
      result.push_back(build.window(padded, i, j, rows, columns, 1));
  return result;
}

struct LowerDepthwiseConv : Lowering<DepthwiseConvOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, DepthwiseConvOp op,
              Adaptor operands) const override {
    RankedTensorType type = typeOf(op.getResult());
    Value kernel = operands.getKernel();
    int64_t kh = dim(kernel, 0), kw = dim(kernel, 1);
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

//===----------------------------------------------------------------------===//
// Pooling
//===----------------------------------------------------------------------===//

/// Padding of a pool.
SmallVector<int64_t> poolPadding(RankedTensorType input, int64_t size,
                                 int64_t stride) {
  return samePadding(input.getShape().slice(1, 2), size, stride);
}

/// The views of a padded map under each place of the pool's window.
SmallVector<Value> poolWindows(LinalgBuilder &build, Value input, int64_t size,
                               int64_t stride, int64_t rows, int64_t columns) {
  Value padded = build.pad(input, poolPadding(typeOf(input), size, stride),
                           -std::numeric_limits<double>::infinity());
  SmallVector<Value> views;
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = 0; j < size; ++j)
      views.push_back(build.window(padded, i, j, rows, columns, stride));
  return views;
}

Value isGreater(LinalgBuilder &build, Value a, Value b) {
  return arith::CmpFOp::create(build.builder, build.loc,
                               arith::CmpFPredicate::OGT, a, b);
}

struct LowerMaxPool : Lowering<MaxPoolOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, MaxPoolOp op,
              Adaptor operands) const override {
    RankedTensorType type = typeOf(op.getResult());
    SmallVector<Value> views =
        poolWindows(build, operands.getInput(), op.getSize(), op.getStride(),
                    type.getDimSize(1), type.getDimSize(2));
    return build.map(views, type, [&](ValueRange in) {
      Value best = in[0];
      for (Value value : in.drop_front())
        best =
            arith::SelectOp::create(build.builder, op.getLoc(),
                                    isGreater(build, value, best), value, best);
      return best;
    });
  }
};

/// One dimension of a pool's derivative, for the pixels from `first` on, every
/// `stride`-th of them: all of these lie in the same places of their windows.
struct PoolRows {
  PoolRows(int64_t first, int64_t pixels, int64_t before, int64_t size,
           int64_t stride)
      : count(llvm::divideCeilSigned(pixels - first, stride)),
        window((first + before) / stride), place((first + before) % stride),
        size(size), stride(stride) {}

  /// How many pixels there are.
  int64_t count;
  /// The last window that the first of them lies in, and in which place; in the
  /// window before it, it lies `stride` places further, and so on.
  int64_t window, place;
  int64_t size, stride;

  int64_t numWindows() const {
    return place < size ? llvm::divideCeil(size - place, stride) : 0;
  }
  /// The last window that any of them lies in.
  int64_t lastWindow() const { return window + count - 1; }
};

/// First finds which place of each window wins. A pixel's derivative is then
/// the sum of the cotangents of the windows it wins. Pixels that differ by the
/// stride lie in as many windows, in the same places: the result is computed
/// for one such set after the other, each element once.
struct LowerMaxPoolGrad : Lowering<MaxPoolGradOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, MaxPoolGradOp op,
              Adaptor operands) const override {
    RankedTensorType type = typeOf(op.getResult());
    int64_t size = op.getSize(), stride = op.getStride();
    SmallVector<int64_t> padding =
        poolPadding(typeOf(op.getInput()), size, stride);
    SmallVector<PoolRows> rows, columns;
    for (int64_t first = 0; first < stride; ++first) {
      rows.emplace_back(first, type.getDimSize(1), padding[0], size, stride);
      columns.emplace_back(first, type.getDimSize(2), padding[2], size, stride);
    }
    // Windows beyond the first and the last: no pixel wins them.
    RankedTensorType pooled = typeOf(op.getCotangent());
    int64_t before = llvm::divideCeil(size, stride) - 1;
    auto after = [](ArrayRef<PoolRows> rows, int64_t numWindows) {
      int64_t last = numWindows - 1;
      for (const PoolRows &set : rows)
        last = std::max(last, set.lastWindow());
      return last - (numWindows - 1);
    };
    SmallVector<int64_t> beyond{before, after(rows, pooled.getDimSize(1)),
                                before, after(columns, pooled.getDimSize(2))};
    Value winner = build.pad(findWinner(build, op, operands), beyond, -1.0);
    Value cotangent = build.pad(operands.getCotangent(), beyond, 0.0);

    Value result = stride > size ? build.filled(type, 0.0) : build.empty(type);
    for (auto [row, rowSet] : llvm::enumerate(rows))
      for (auto [column, columnSet] : llvm::enumerate(columns)) {
        if (rowSet.numWindows() == 0 || columnSet.numWindows() == 0 ||
            rowSet.count <= 0 || columnSet.count <= 0)
          continue;
        Value sum =
            sumOfWon(build, winner, cotangent, before, rowSet, columnSet);
        result = build.insert(
            sum, result,
            {0, static_cast<int64_t>(row), static_cast<int64_t>(column), 0},
            {1, stride, stride, 1});
      }
    return result;
  }

private:
  /// The place in each window of its largest pixel, the first of equal ones.
  Value findWinner(LinalgBuilder &build, MaxPoolGradOp op,
                   Adaptor operands) const {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    RankedTensorType pooled = typeOf(op.getCotangent());
    Type element = pooled.getElementType();
    SmallVector<Value> views =
        poolWindows(build, operands.getInput(), op.getSize(), op.getStride(),
                    pooled.getDimSize(1), pooled.getDimSize(2));
    return build.map(views, pooled, [&](ValueRange in) {
      Value best = in[0], place = build.scalar(element, 0.0);
      for (int64_t k = 1, e = in.size(); k < e; ++k) {
        Value greater = isGreater(build, in[k], best);
        best = arith::SelectOp::create(b, loc, greater, in[k], best);
        place = arith::SelectOp::create(b, loc, greater,
                                        build.scalar(element, k), place);
      }
      return place;
    });
  }

  /// For a set of pixels, the sum of the cotangents of the windows they win.
  Value sumOfWon(LinalgBuilder &build, Value winner, Value cotangent,
                 int64_t before, const PoolRows &rows,
                 const PoolRows &columns) const {
    OpBuilder &b = build.builder;
    SmallVector<Value> inputs;
    SmallVector<int64_t> places;
    for (int64_t i = 0; i < rows.numWindows(); ++i)
      for (int64_t j = 0; j < columns.numWindows(); ++j) {
        for (Value map : {winner, cotangent})
          inputs.push_back(build.window(map, rows.window - i + before,
                                        columns.window - j + before, rows.count,
                                        columns.count, 1));
        places.push_back((rows.place + i * rows.stride) * rows.size +
                         columns.place + j * columns.stride);
      }
    return build.map(inputs, typeOf(inputs[0]), [&](ValueRange in) {
      Type element = in[0].getType();
      Value zero = build.scalar(element, 0.0), sum;
      for (auto [k, place] : llvm::enumerate(places)) {
        Value wins =
            arith::CmpFOp::create(b, build.loc, arith::CmpFPredicate::OEQ,
                                  in[2 * k], build.scalar(element, place));
        Value won =
            arith::SelectOp::create(b, build.loc, wins, in[2 * k + 1], zero);
        sum = sum ? arith::AddFOp::create(b, build.loc, sum, won) : won;
      }
      return sum;
    });
  }
};

//===----------------------------------------------------------------------===//
// Sums, broadcasts, point-wise functions
//===----------------------------------------------------------------------===//

/// Dimensions of a tensor of the given rank that are not in `dimensions`.
SmallVector<unsigned> remaining(int64_t rank, ArrayRef<int64_t> dimensions) {
  SmallVector<unsigned> rest;
  for (int64_t i = 0; i < rank; ++i)
    if (!llvm::is_contained(dimensions, i))
      rest.push_back(i);
  return rest;
}

struct LowerBroadcast : Lowering<BroadcastOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, BroadcastOp op,
              Adaptor operands) const override {
    unsigned rank = typeOf(op.getResult()).getRank();
    return build.generic(
        rank, {{operands.getInput(), remaining(rank, op.getDimensions())}},
        {{build.empty(op.getType()),
          llvm::to_vector(llvm::seq<unsigned>(rank))}},
        [](ValueRange in, ValueRange) -> SmallVector<Value> {
          return {in[0]};
        })[0];
  }
};

struct LowerReduce : Lowering<ReduceOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, ReduceOp op,
              Adaptor operands) const override {
    unsigned rank = typeOf(op.getInput()).getRank();
    return build.generic(
        rank,
        {{operands.getInput(), llvm::to_vector(llvm::seq<unsigned>(rank))}},
        {{accumulatorOf(build, op, operands.getAccumulator()),
          remaining(rank, op.getDimensions())}},
        [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
          return {
              arith::AddFOp::create(build.builder, op.getLoc(), out[0], in[0])};
        })[0];
  }
};

struct LowerWhere : Lowering<WhereOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, WhereOp op,
              Adaptor operands) const override {
    return build.map(operands.getOperands(), op.getType(), [&](ValueRange in) {
      return arith::SelectOp::create(build.builder, op.getLoc(),
                                     isGreater(build, in[0], in[1]), in[2],
                                     in[3]);
    });
  }
};

struct LowerSigmoid : Lowering<SigmoidOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SigmoidOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    return build.map(operands.getInput(), op.getType(), [&](ValueRange in) {
      Value one = build.scalar(in[0].getType(), 1.0);
      Value decayed =
          math::ExpOp::create(b, loc, arith::NegFOp::create(b, loc, in[0]));
      return arith::DivFOp::create(b, loc, one,
                                   arith::AddFOp::create(b, loc, one, decayed));
    });
  }
};

/// max(x, 0) + log(1 + exp(−|x|)).
struct LowerSoftplus : Lowering<SoftplusOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SoftplusOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    return build.map(operands.getInput(), op.getType(), [&](ValueRange in) {
      Type type = in[0].getType();
      Value size = math::AbsFOp::create(b, loc, in[0]);
      Value decayed =
          math::ExpOp::create(b, loc, arith::NegFOp::create(b, loc, size));
      Value one = build.scalar(type, 1.0), zero = build.scalar(type, 0.0);
      Value rest = math::LogOp::create(
          b, loc, arith::AddFOp::create(b, loc, one, decayed));
      Value positive = arith::MaximumFOp::create(b, loc, in[0], zero);
      return arith::AddFOp::create(b, loc, positive, rest);
    });
  }
};

//===----------------------------------------------------------------------===//
// Pixels and channels in other places
//===----------------------------------------------------------------------===//

struct LowerSpread : Lowering<SpreadOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SpreadOp op,
              Adaptor operands) const override {
    int64_t top = op.getTop(), left = op.getLeft(), stride = op.getStride();
    return build.insert(operands.getInput(), build.filled(op.getType(), 0.0),
                        {0, top, left, 0}, {1, stride, stride, 1});
  }
};

struct LowerSample : Lowering<SampleOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SampleOp op,
              Adaptor operands) const override {
    RankedTensorType type = typeOf(op.getResult());
    return build.window(operands.getInput(), op.getTop(), op.getLeft(),
                        type.getDimSize(1), type.getDimSize(2), op.getStride());
  }
};

struct LowerJoin : Lowering<JoinOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, JoinOp op,
              Adaptor operands) const override {
    unsigned rank = typeOf(op.getResult()).getRank();
    SmallVector<int64_t> place(rank, 0), strides(rank, 1);
    Value result = build.empty(op.getType());
    for (Value map : operands.getInputs()) {
      result = build.insert(map, result, place, strides);
      place.back() += typeOf(map).getShape().back();
    }
    return result;
  }
};

struct LowerChannels : Lowering<ChannelsOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, ChannelsOp op,
              Adaptor operands) const override {
    RankedTensorType type = typeOf(op.getResult());
    OpBuilder &b = build.builder;
    SmallVector<int64_t> place(type.getRank(), 0), strides(type.getRank(), 1);
    place.back() = op.getFirst();
    return tensor::ExtractSliceOp::create(
        b, op.getLoc(), type, operands.getInput(),
        getAsIndexOpFoldResult(b.getContext(), place),
        getAsIndexOpFoldResult(b.getContext(), type.getShape()),
        getAsIndexOpFoldResult(b.getContext(), strides));
  }
};

//===----------------------------------------------------------------------===//
// Dropout
//===----------------------------------------------------------------------===//

/// A random word for each place of each mask: its number in the image and the
/// image's key go through the integer hash "lowbias32" (C. Wellons, 2018), once
/// for each. A unit is kept where the word is below keep · 2³²: that limit may
/// need a 33rd bit, the last word below it never does.
struct LowerDropoutMask : Lowering<DropoutMaskOp> {
  using Lowering::Lowering;

  static Value hash(OpBuilder &b, Location loc, Value x) {
    auto constant = [&](uint32_t value) -> Value {
      return arith::ConstantIntOp::create(b, loc, b.getI32Type(),
                                          static_cast<int32_t>(value));
    };
    auto mix = [&](unsigned shift, uint32_t factor) {
      Value high = arith::ShRUIOp::create(b, loc, x, constant(shift));
      x = arith::XOrIOp::create(b, loc, x, high);
      if (factor)
        x = arith::MulIOp::create(b, loc, x, constant(factor));
    };
    mix(16, 0x7feb352d);
    mix(15, 0x846ca68b);
    mix(16, 0);
    return x;
  }

  Value lower(LinalgBuilder &build, DropoutMaskOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    RankedTensorType type = typeOf(op.getResult());
    Type element = type.getElementType();
    double keep = op.getKeep().convertToDouble();
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIntOp::create(
          b, loc, b.getI32Type(),
          static_cast<int32_t>(static_cast<uint32_t>(value)));
    };
    return build.generic(
        4, {{operands.getKeys(), {0}}}, {{build.empty(type), {0, 1, 2, 3}}},
        [&](ValueRange in, ValueRange) -> SmallVector<Value> {
          Value place = constant(0);
          for (int64_t i : {1, 2, 3}) {
            Value index = arith::IndexCastOp::create(
                b, loc, b.getI32Type(), linalg::IndexOp::create(b, loc, i));
            place = arith::MulIOp::create(b, loc, place,
                                          constant(type.getDimSize(i)));
            place = arith::AddIOp::create(b, loc, place, index);
          }
          // An odd multiple of the golden ratio's bits for each salt.
          Value salted = arith::XOrIOp::create(
              b, loc, in[0], constant(op.getSalt() * 0x9e3779b9u + 1));
          Value word =
              arith::AddIOp::create(b, loc, hash(b, loc, salted), place);
          word = hash(b, loc, word);
          Value last = constant(
              std::max<int64_t>(std::llround(keep * 4294967296.0), 1) - 1);
          Value kept = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule,
                                             word, last);
          return {arith::SelectOp::create(b, loc, kept,
                                          build.scalar(element, 1.0 / keep),
                                          build.scalar(element, 0.0))};
        })[0];
  }
};

//===----------------------------------------------------------------------===//
// Loss
//===----------------------------------------------------------------------===//

/// Largest logit, and Σ exp(logit − largest), of each image.
std::pair<Value, Value> softmaxStatistics(LinalgBuilder &build, Value logits) {
  OpBuilder &b = build.builder;
  Location loc = build.loc;
  auto perImage = typeOf(logits).clone({dim(logits, 0)});
  Value largest = build.generic(
      2, {{logits, {0, 1}}},
      {{build.filled(perImage, -std::numeric_limits<double>::infinity()), {0}}},
      [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
        return {arith::MaximumFOp::create(b, loc, out[0], in[0])};
      })[0];
  Value exponentials =
      build.generic(2, {{logits, {0, 1}}, {largest, {0}}},
                    {{build.empty(logits.getType()), {0, 1}}},
                    [&](ValueRange in, ValueRange) -> SmallVector<Value> {
                      Value shifted =
                          arith::SubFOp::create(b, loc, in[0], in[1]);
                      return {math::ExpOp::create(b, loc, shifted)};
                    })[0];
  Value sum = build.generic(
      2, {{exponentials, {0, 1}}}, {{build.filled(perImage, 0.0), {0}}},
      [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
        return {arith::AddFOp::create(b, loc, out[0], in[0])};
      })[0];
  return {largest, sum};
}

/// 1 where a class is the image's label, 0 elsewhere: [N, K].
Value oneHot(LinalgBuilder &build, Value labels, RankedTensorType type) {
  OpBuilder &b = build.builder;
  Location loc = build.loc;
  return build.generic(
      2, {{labels, {0}}}, {{build.empty(type), {0, 1}}},
      [&](ValueRange in, ValueRange) -> SmallVector<Value> {
        Value index = linalg::IndexOp::create(b, loc, 1);
        Value isLabel = arith::CmpIOp::create(
            b, loc, arith::CmpIPredicate::eq, in[0],
            arith::IndexCastOp::create(b, loc, b.getI32Type(), index));
        Type element = type.getElementType();
        return {arith::SelectOp::create(b, loc, isLabel,
                                        build.scalar(element, 1.0),
                                        build.scalar(element, 0.0))};
      })[0];
}

struct LowerSoftmaxCrossEntropy : Lowering<SoftmaxCrossEntropyOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SoftmaxCrossEntropyOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    Value logits = operands.getLogits();
    auto [largest, sum] = softmaxStatistics(build, logits);
    Value labels = oneHot(build, operands.getLabels(), typeOf(logits));
    Value right =
        build.generic(2, {{logits, {0, 1}}, {labels, {0, 1}}},
                      {{build.filled(op.getType(), 0.0), {0}}},
                      [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
                        Value term =
                            arith::MulFOp::create(b, loc, in[0], in[1]);
                        return {arith::AddFOp::create(b, loc, out[0], term)};
                      })[0];
    return build.map({largest, sum, right}, op.getType(), [&](ValueRange in) {
      Value total = arith::AddFOp::create(
          b, loc, math::LogOp::create(b, loc, in[1]), in[0]);
      return arith::SubFOp::create(b, loc, total, in[2]);
    });
  }
};

struct LowerSoftmaxCrossEntropyGrad : Lowering<SoftmaxCrossEntropyGradOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, SoftmaxCrossEntropyGradOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    Value logits = operands.getLogits();
    auto [largest, sum] = softmaxStatistics(build, logits);
    Value labels = oneHot(build, operands.getLabels(), typeOf(logits));
    return build.generic(
        2,
        {{operands.getCotangent(), {0}},
         {logits, {0, 1}},
         {largest, {0}},
         {sum, {0}},
         {labels, {0, 1}}},
        {{build.empty(op.getType()), {0, 1}}},
        [&](ValueRange in, ValueRange) -> SmallVector<Value> {
          Value shifted = arith::SubFOp::create(b, loc, in[1], in[2]);
          Value share = arith::DivFOp::create(
              b, loc, math::ExpOp::create(b, loc, shifted), in[3]);
          return {arith::MulFOp::create(
              b, loc, in[0], arith::SubFOp::create(b, loc, share, in[4]))};
        })[0];
  }
};

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

struct LowerCrop : Lowering<CropOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, CropOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    RankedTensorType type = typeOf(op.getResult());
    Value bytes = operands.getBytes(), draws = operands.getDraws();
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(b, loc, value);
    };
    auto integer = [&](Value tensor, ValueRange place) -> Value {
      Value value = tensor::ExtractOp::create(b, loc, tensor, place);
      return arith::IndexCastOp::create(b, loc, b.getIndexType(), value);
    };
    auto draw = [&](int64_t index) {
      return integer(draws, {constant(0), constant(index)});
    };
    Value pick = integer(operands.getPicks(), constant(0));
    Value pad = constant(op.getPad());
    Value down = arith::SubIOp::create(b, loc, draw(0), pad);
    Value right = arith::SubIOp::create(b, loc, draw(1), pad);
    Value flipped = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                          draw(2), constant(0));
    int64_t height = type.getDimSize(1), width = type.getDimSize(2);
    return build.generic(
        4, {}, {{build.empty(type), {0, 1, 2, 3}}},
        [&](ValueRange, ValueRange) -> SmallVector<Value> {
          Value row = linalg::IndexOp::create(b, loc, 1);
          Value column = linalg::IndexOp::create(b, loc, 2);
          Value channel = linalg::IndexOp::create(b, loc, 3);
          Value mirrored =
              arith::SubIOp::create(b, loc, constant(width - 1), column);
          column = arith::SelectOp::create(b, loc, flipped, mirrored, column);
          row = arith::AddIOp::create(b, loc, row, down);
          column = arith::AddIOp::create(b, loc, column, right);
          // As unsigned numbers, pixels before the first are large too.
          auto inside = [&](Value index, int64_t size) -> Value {
            return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                         index, constant(size));
          };
          auto clamped = [&](Value index, int64_t size) -> Value {
            return arith::SelectOp::create(b, loc, inside(index, size), index,
                                           constant(0));
          };
          Value within = arith::AndIOp::create(b, loc, inside(row, height),
                                               inside(column, width));
          Value byte = tensor::ExtractOp::create(
              b, loc, bytes,
              ValueRange{constant(0), pick, clamped(row, height),
                         clamped(column, width), channel});
          Type element = type.getElementType();
          Value pixel = arith::UIToFPOp::create(b, loc, element, byte);
          return {arith::SelectOp::create(b, loc, within, pixel,
                                          build.scalar(element, 0.0))};
        })[0];
  }
};

struct LowerStandardize : Lowering<StandardizeOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, StandardizeOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    RankedTensorType type = typeOf(op.getResult());
    unsigned rank = type.getRank();
    auto all = llvm::to_vector(llvm::seq<unsigned>(rank));
    int64_t n = type.getNumElements();
    auto scalarType = type.clone(ArrayRef<int64_t>{});
    Value x = operands.getInput();
    auto sum = [&](Value values) {
      return build.generic(
          rank, {{values, all}}, {{build.filled(scalarType, 0.0), {}}},
          [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
            return {arith::AddFOp::create(b, loc, out[0], in[0])};
          })[0];
    };
    auto combine = [&](Value values, Value scalar, auto body) {
      return build.generic(
          rank, {{values, all}, {scalar, {}}}, {{build.empty(type), all}},
          [&](ValueRange in, ValueRange) -> SmallVector<Value> {
            return {body(in[0], in[1])};
          })[0];
    };
    Type element = type.getElementType();
    Value centered = combine(x, sum(x), [&](Value value, Value total) -> Value {
      Value mean =
          arith::DivFOp::create(b, loc, total, build.scalar(element, n));
      return arith::SubFOp::create(b, loc, value, mean);
    });
    Value squares = build.map(centered, type, [&](ValueRange in) -> Value {
      return arith::MulFOp::create(b, loc, in[0], in[0]);
    });
    Value deviation =
        build.map(sum(squares), scalarType, [&](ValueRange in) -> Value {
          Value variance =
              arith::DivFOp::create(b, loc, in[0], build.scalar(element, n));
          return arith::MaximumFOp::create(
              b, loc, math::SqrtOp::create(b, loc, variance),
              build.scalar(element, 1.0 / std::sqrt(double(n))));
        });
    return combine(centered, deviation, [&](Value value, Value scale) -> Value {
      return arith::DivFOp::create(b, loc, value, scale);
    });
  }
};

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// Whether bufferization would make an array in the program of a constant,
/// which GPUs cannot reach, rather than a fill.
bool isArray(arith::ConstantOp op) {
  auto value = dyn_cast<DenseFPElementsAttr>(op.getValue());
  return value && value.getType().getRank() == 1 && !value.isSplat();
}

/// Each element is chosen by its index. There are few: the means of channels.
struct LowerConstant : Lowering<arith::ConstantOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, arith::ConstantOp op,
              Adaptor) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    RankedTensorType type = typeOf(op.getResult());
    return build.generic(
        1, {}, {{build.empty(type), {0}}},
        [&](ValueRange, ValueRange) -> SmallVector<Value> {
          Value index = linalg::IndexOp::create(b, loc, 0), chosen;
          auto values = cast<DenseFPElementsAttr>(op.getValue());
          for (auto [i, number] :
               llvm::enumerate(values.getValues<APFloat>())) {
            Value value =
                build.scalar(type.getElementType(), number.convertToDouble());
            if (!chosen) {
              chosen = value;
              continue;
            }
            Value here =
                arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, index,
                                      arith::ConstantIndexOp::create(
                                          b, loc, static_cast<int64_t>(i)));
            chosen = arith::SelectOp::create(b, loc, here, value, chosen);
          }
          return {chosen};
        })[0];
  }
};

//===----------------------------------------------------------------------===//
// Pass Implementation
//===----------------------------------------------------------------------===//

struct TensorToLinalgPass : dale::impl::TensorToLinalgBase<TensorToLinalgPass> {
  using TensorToLinalgBase::TensorToLinalgBase;

  void runOnOperation() override {
    ConversionTarget target(getContext());
    target.addIllegalDialect<DaleDialect>();
    // Stages are containers: only what stands in them is lowered here.
    target.addLegalOp<VariableOp, StageOp, YieldOp>();
    target.addDynamicallyLegalOp<arith::ConstantOp>(
        [](arith::ConstantOp op) { return !isArray(op); });
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    RewritePatternSet patterns(&getContext());
    patterns
        .add<LowerConv, LowerConvInputGrad, LowerConvFilterGrad, LowerRead,
             LowerPack, LowerTurn, LowerDepthwiseConv, LowerDepthwiseFilterGrad,
             LowerPointwiseConv, LowerPointwiseFilterGrad, LowerTranspose,
             LowerMaxPool, LowerMaxPoolGrad, LowerBroadcast, LowerReduce,
             LowerWhere, LowerSigmoid, LowerSoftplus, LowerSpread, LowerSample,
             LowerJoin, LowerChannels, LowerDropoutMask,
             LowerSoftmaxCrossEntropy, LowerSoftmaxCrossEntropyGrad, LowerCrop,
             LowerStandardize, LowerConstant>(&getContext());
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
