//===- ImageLoops.cpp - Loops over the images of a chunk -------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ImageLoops.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

using namespace mlir;

Value dale::readBeforeLoops(OpBuilder &builder, Value tensor) {
  auto read = tensor.getDefiningOp<bufferization::ToTensorOp>();
  if (!read)
    return {};
  LoopLikeOpInterface outermost;
  for (auto loop = read->getParentOfType<LoopLikeOpInterface>();
       loop && loop.isDefinedOutsideOfLoop(read.getBuffer());
       loop = loop->getParentOfType<LoopLikeOpInterface>())
    outermost = loop;
  if (!outermost)
    return {};
  builder.setInsertionPoint(outermost);
  return builder.clone(*read)->getResult(0);
}
