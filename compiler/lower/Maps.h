//===- Maps.h - What linalg ops on maps do ---------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_MAPS_H
#define DALE_COMPILER_LOWER_MAPS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace dale {

/// An op that computes the elements of its results one by one.
inline bool isMap(mlir::linalg::GenericOp op) {
  return op.hasPureTensorSemantics() && !op.hasDynamicShape() &&
         op.getNumLoops() == op.getNumParallelLoops();
}

} // namespace dale

#endif // DALE_COMPILER_LOWER_MAPS_H
