//===- DeviceOps.cpp - What devices need beyond upstream -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/DeviceOps.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace dale;

Value PaddedOp::getViewSource() { return getMap(); }

LogicalResult PaddedOp::verify() {
  auto map = cast<MemRefType>(getMap().getType());
  auto result = cast<MemRefType>(getResult().getType());
  if (map.getElementType() != result.getElementType() ||
      map.getElementType() != getNumber().getType())
    return emitOpError("must be of one element type with its map and number");
  size_t rank = map.getRank();
  if (!map.hasStaticShape() || getLow().size() != rank ||
      getHigh().size() != rank)
    return emitOpError(
        "needs a map of static shape, and a margin on both sides "
        "of each dimension");
  SmallVector<int64_t> shape;
  for (auto [size, low, high] :
       llvm::zip(map.getShape(), getLow(), getHigh())) {
    if (low < 0 || high < 0)
      return emitOpError("has a negative margin");
    shape.push_back(low + size + high);
  }
  if (ArrayRef(shape) != result.getShape())
    return emitOpError("has a result of another shape than the map with its "
                       "margins");
  return success();
}
