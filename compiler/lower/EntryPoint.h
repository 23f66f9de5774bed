//===- EntryPoint.h - The functions that the runtime calls -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_ENTRYPOINT_H
#define DALE_COMPILER_LOWER_ENTRYPOINT_H

#include "compiler/lower/StageFunctions.h"
#include "llvm/ADT/StringMap.h"

namespace dale {

/// Whether the runtime calls a function: one of those in CircuitABI.h.
bool isEntryPoint(mlir::func::FuncOp function);

/// Replaces a function that calls stages on tensors by one with the signature
/// of CircuitABI.h that calls them on memrefs. Gives it the attribute
/// `dale.workspace = {fixed, per_image}`, in bytes, and
/// `dale.cost = {stages, bytes_per_image}`: its stages over images, and what
/// these read and write of one image. `dale.common` lists the buffers, by the
/// number of the argument, that networks trained side by side share.
///
/// With `reuseInputs`, results of stages may take the places of inputs. Where
/// they do, the stage's store has the attribute `dale.last`. Maps that stages
/// hand to others are shifted by multiples of `apart` bytes.
mlir::LogicalResult
lowerEntryPoint(mlir::func::FuncOp function,
                const llvm::StringMap<StageFunction> &stages, bool reuseInputs,
                int64_t apart);

/// Of a store that must stay behind all that reads the stage's inputs.
inline constexpr llvm::StringLiteral storeLastAttrName = "dale.last";

} // namespace dale

#endif // DALE_COMPILER_LOWER_ENTRYPOINT_H
