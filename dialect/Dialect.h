//===- Dialect.h - The dale dialect -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_DIALECT_DIALECT_H
#define DALE_DIALECT_DIALECT_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"

#include "dialect/Dialect.h.inc"
#include "dialect/Enums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/Attributes.h.inc"

#include "dialect/Interfaces.h.inc"

namespace dale {
/// Gives the ops of `arith`, `math` and `tensor` that circuits use their
/// derivatives (see UpstreamDerivatives.cpp).
void registerUpstreamDerivatives(mlir::DialectRegistry &registry);

/// Whether a value of this type has one entry an image of the batch: a ranked
/// tensor whose first dimension is dynamic.
inline bool isBatched(mlir::Type type) {
  auto tensor = llvm::dyn_cast<mlir::RankedTensorType>(type);
  return tensor && tensor.getRank() > 0 && tensor.isDynamicDim(0);
}

/// The type that a batched tensor has inside of a stage: one image.
mlir::Type imageType(mlir::Type type);

/// Elements and bytes of a tensor; of one image's entry where it is batched.
int64_t elementsPerImage(mlir::Type type);
int64_t bytesPerImage(mlir::Type type);
} // namespace dale

#endif // DALE_DIALECT_DIALECT_H
