//===- Dropout.cpp - Masks of dropout ---------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/linalg/Lowering.h"

using namespace mlir;
using namespace dale;

namespace {

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
          // Numbers far from each other for salts that are close.
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

} // namespace

void dale::populateDropoutLowerings(RewritePatternSet &patterns) {
  patterns.add<LowerDropoutMask>(patterns.getContext());
}
