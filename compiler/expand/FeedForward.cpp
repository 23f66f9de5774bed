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

SmallVector<int64_t> dale::expand::samePadding(const MapShape &input,
                                               int64_t kernel, int64_t stride) {
  SmallVector<int64_t> padding;
  for (int64_t size : {input.height, input.width}) {
    int64_t windows = llvm::divideCeilSigned(size, stride);
    int64_t total =
        std::max<int64_t>((windows - 1) * stride + kernel - size, 0);
    padding.append({total / 2, total - total / 2});
  }
  return padding;
}

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
  Value map =
      ConvOp::create(builders.builder, op.getLoc(), type, input, kernel,
                     samePadding(area.input, op.getKernel(), stride), stride);
  if (NormAttr norm = op.getNormAttr())
    map = builders.normalizer.normalize(op.getLoc(), op.getSymName(), norm, map,
                                        /*step=*/std::nullopt);
  return Arithmetic(builders.builder, op.getLoc())
      .activate(Activation::Relu, map);
}
