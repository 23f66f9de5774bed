//===- PaddedMaps.h - Maps with margins -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_PADDEDMAPS_H
#define DALE_COMPILER_LOWER_PADDEDMAPS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <optional>

namespace dale {

/// A map with margins: filled, and then written to in one part, its inside.
struct PaddedMap {
  mlir::memref::AllocOp alloc;
  mlir::linalg::FillOp fill;
  mlir::TypedAttr number;
  mlir::memref::SubViewOp inside;
  /// The last op that reads or writes it.
  mlir::Operation *last;
};

/// Finds out whether an allocation is such a map: filled with a constant first,
/// then written to in one part, from end to end at first.
std::optional<PaddedMap> matchPaddedMap(mlir::memref::AllocOp alloc);

/// Whether two maps are equal wherever only their fills have written.
bool haveSameMargins(PaddedMap a, PaddedMap b);

/// Whether a view lies at a known place of its source.
bool isFixed(mlir::memref::SubViewOp view);

/// Whether two views at known places show the same part of their sources.
bool haveSamePlace(mlir::memref::SubViewOp a, mlir::memref::SubViewOp b);

/// Adds what reads or writes a buffer, by itself or through views of it.
void addAccesses(mlir::Value buffer,
                 llvm::SmallVectorImpl<mlir::OpOperand *> &accesses);

/// Whether an access is an output, if it is known to be that or an input.
std::optional<bool> isOutput(mlir::OpOperand &access);

} // namespace dale

#endif // DALE_COMPILER_LOWER_PADDEDMAPS_H
