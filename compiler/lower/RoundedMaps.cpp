//===- RoundedMaps.cpp - Maps in bf16 --------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/RoundedMaps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace dale;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

Value dale::roundToBF16(LinalgBuilder &build, Value value) {
  return arith::TruncFOp::create(build.builder, build.loc,
                                 build.builder.getBF16Type(), value);
}

Value dale::roundMap(LinalgBuilder &build, Value map) {
  OpBuilder &b = build.builder;
  RankedTensorType type = typeOf(map).clone(b.getBF16Type());
  Operation *producer = map.getDefiningOp();
  if (auto collapse = dyn_cast_or_null<tensor::CollapseShapeOp>(producer))
    return tensor::CollapseShapeOp::create(b, build.loc,
                                           roundMap(build, collapse.getSrc()),
                                           collapse.getReassociationIndices());
  if (auto insert = dyn_cast_or_null<tensor::InsertSliceOp>(producer)) {
    Value part = insert.getSource();
    if (auto extract = part.getDefiningOp<tensor::ExtractSliceOp>())
      part = tensor::ExtractSliceOp::create(
          b, build.loc, typeOf(part).clone(b.getBF16Type()),
          roundMap(build, extract.getSource()), extract.getMixedOffsets(),
          extract.getMixedSizes(), extract.getMixedStrides());
    else
      part = roundMap(build, part);
    return tensor::InsertSliceOp::create(
        b, build.loc, part, roundMap(build, insert.getDest()),
        insert.getMixedOffsets(), insert.getMixedSizes(),
        insert.getMixedStrides());
  }
  if (isa_and_nonnull<tensor::EmptyOp>(producer))
    return build.empty(type);
  FloatAttr value;
  if (auto fill = dyn_cast_or_null<linalg::FillOp>(producer);
      fill && matchPattern(fill.getInputs().front(), m_Constant(&value)))
    return build.filled(type, value.getValueAsDouble());
  return build.map(map, type,
                   [&](ValueRange in) { return roundToBF16(build, in[0]); });
}
