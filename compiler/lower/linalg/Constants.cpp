//===- Constants.cpp - Constants that are arrays ----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/linalg/Lowering.h"

using namespace mlir;
using namespace dale;

bool dale::isArray(arith::ConstantOp op) {
  auto value = dyn_cast<DenseFPElementsAttr>(op.getValue());
  return value && value.getType().getRank() == 1 && !value.empty() &&
         !value.isSplat();
}

namespace {

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

} // namespace

void dale::populateConstantLowerings(RewritePatternSet &patterns) {
  patterns.add<LowerConstant>(patterns.getContext());
}
