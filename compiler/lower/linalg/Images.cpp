//===- Images.cpp - From bytes to images ------------------------*- C++ -*-===//
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

namespace {

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

} // namespace

void dale::populateImageLowerings(RewritePatternSet &patterns) {
  patterns.add<LowerCrop, LowerStandardize>(patterns.getContext());
}
