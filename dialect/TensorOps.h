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
} // namespace dale

#endif // DALE_DIALECT_TENSOROPS_H
