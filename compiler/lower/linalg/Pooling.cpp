//===- Pooling.cpp - Max pooling and its derivative -------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/linalg/Lowering.h"

using namespace mlir;
using namespace dale;

/// Padding of a pool.
static SmallVector<int64_t> poolPadding(RankedTensorType input, int64_t size,
                                        int64_t stride) {
  return samePadding(input.getShape().slice(1, 2), size, stride);
}

/// The views of a padded map under each place of the pool's window.
static SmallVector<Value> poolWindows(LinalgBuilder &build, Value input,
                                      int64_t size, int64_t stride,
                                      int64_t rows, int64_t columns) {
  Value padded = build.pad(input, poolPadding(typeOf(input), size, stride),
                           -std::numeric_limits<double>::infinity());
  SmallVector<Value> views;
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = 0; j < size; ++j)
      views.push_back(build.window(padded, i, j, rows, columns, stride));
  return views;
}

namespace {

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

} // namespace

void dale::populatePoolingLowerings(RewritePatternSet &patterns) {
  patterns.add<LowerMaxPool, LowerMaxPoolGrad>(patterns.getContext());
}
