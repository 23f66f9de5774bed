//===- Views.h - What views of memory are made from -----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_VIEWS_H
#define DALE_COMPILER_LOWER_VIEWS_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace dale {

/// The value that views of a memref were made from: a `memref.view`, or what
/// none of these ops made.
inline mlir::Value getViewRoot(mlir::Value memref) {
  while (auto view = memref.getDefiningOp<mlir::ViewLikeOpInterface>()) {
    if (mlir::isa<mlir::memref::ViewOp>(view))
      break;
    memref = view.getViewSource();
  }
  return memref;
}

} // namespace dale

#endif // DALE_COMPILER_LOWER_VIEWS_H
