//===- TensorOps.h - What a circuit computes -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_DIALECT_TENSOROPS_H
#define DALE_DIALECT_TENSOROPS_H

#include "dialect/Dialect.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace dale {
namespace detail {
mlir::LogicalResult verifyOneRealType(mlir::Operation *op);
} // namespace detail

template <typename Op>
struct OneRealType : mlir::OpTrait::TraitBase<Op, OneRealType> {
  static mlir::LogicalResult verifyTrait(mlir::Operation *op) {
    return detail::verifyOneRealType(op);
  }
};
} // namespace dale

#define GET_OP_CLASSES
#include "dialect/TensorOps.h.inc"

namespace dale {
/// A tensor of the type of `like` whose elements are all `value`. Where the
/// batch's size is not known before run time this is a broadcast constant.
mlir::Value createSplat(mlir::OpBuilder &builder, mlir::Location loc,
                        double value, mlir::Value like);

/// Padding of a convolution or a pool as TensorFlow's `same` means it: top,
/// bottom, left, right, the smaller half first. `sizes` are the input's height
/// and width.
llvm::SmallVector<int64_t> samePadding(llvm::ArrayRef<int64_t> sizes,
                                       int64_t window, int64_t stride);
} // namespace dale

#endif // DALE_DIALECT_TENSOROPS_H
