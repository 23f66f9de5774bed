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
/// Attributes that go with functions from pass to pass. The dialect checks
/// their types.
/// @{
/// Of a function that is to be differentiated: the result that is minimized,
/// the argument it is minimized by, and the optimizer's momentum.
inline constexpr llvm::StringLiteral objectiveAttrName = "dale.objective";
inline constexpr llvm::StringLiteral wrtAttrName = "dale.wrt";
inline constexpr llvm::StringLiteral momentumAttrName = "dale.momentum";
/// Of arguments and results: which buffer of a circuit's interface they are,
/// how many bytes behind its beginning, and which population's response.
inline constexpr llvm::StringLiteral bufferAttrName = "dale.buffer";
inline constexpr llvm::StringLiteral offsetAttrName = "dale.offset";
inline constexpr llvm::StringLiteral responseAttrName = "dale.response";
/// Of entry points: bytes of workspace, bytes and stages of a step, and the
/// arguments that all replicas have in common.
inline constexpr llvm::StringLiteral workspaceAttrName = "dale.workspace";
inline constexpr llvm::StringLiteral costAttrName = "dale.cost";
inline constexpr llvm::StringLiteral commonAttrName = "dale.common";
/// Of entry points on GPUs: bytes of shared memory that a block can use, bytes
/// that ops move, and whether several blocks work on an image.
inline constexpr llvm::StringLiteral sharedAttrName = "dale.shared";
inline constexpr llvm::StringLiteral movedAttrName = "dale.moved";
inline constexpr llvm::StringLiteral teamsAttrName = "dale.teams";
/// Of functions that are kernels: each does what one op does.
inline constexpr llvm::StringLiteral kernelAttrName = "dale.kernel";
/// Of a circuit's module: its name and what is known of it.
inline constexpr llvm::StringLiteral nameAttrName = "dale.name";
inline constexpr llvm::StringLiteral descriptionAttrName = "dale.description";
/// @}

inline bool isKernel(mlir::Operation *function) {
  return function->hasAttr(kernelAttrName);
}

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
