//===- FeedForward.cpp - Feed-forward areas and pooling -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/AreaExpansion.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

Value dale::expand::pool(const Builders &builders, const AreaPlan &area,
                         Value map) {
  AreaOp op = area.op;
  PoolAttr pool = op.getPoolAttr();
  if (!pool)
    return map;
  auto type = RankedTensorType::get(
      {ShapedType::kDynamic, area.output.height, area.output.width,
       area.output.channels},
      cast<RankedTensorType>(map.getType()).getElementType());
  return MaxPoolOp::create(builders.builder, op.getLoc(), type, map,
                           pool.getSize(), pool.getStride());
}

Value dale::expand::expandFeedForward(const Builders &builders,
                                      const AreaPlan &area, Value input) {
  AreaOp op = area.op;
  int64_t stride = op.getStride();
  Value kernel = builders.reader.read(nameOf(op, "weight"));
  auto type = RankedTensorType::get(
      {ShapedType::kDynamic, area.map.height, area.map.width,
       area.map.channels},
      cast<RankedTensorType>(input.getType()).getElementType());
  Value map = ConvOp::create(builders.builder, op.getLoc(), type, input, kernel,
                             samePadding({area.input.height, area.input.width},
                                         op.getKernel(), stride),
                             stride);
  if (NormAttr norm = op.getNormAttr())
    map = builders.normalizer.normalize(op.getLoc(), op.getSymName(), norm, map,
                                        /*step=*/std::nullopt);
  return Arithmetic(builders.builder, op.getLoc())
      .activate(op.getActivation(), map, op.getExponent());
}
