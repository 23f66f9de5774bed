//===- Description.h - What an executable knows of its circuit -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EMIT_DESCRIPTION_H
#define DALE_COMPILER_EMIT_DESCRIPTION_H

#include "compiler/emit/GpuCode.h"
#include "compiler/emit/Target.h"

namespace dale {

/// Adds the constants of CircuitABI.h to a module of the LLVM dialect: magic,
/// version, the description as JSON, and GPU code. Erases what it was made
/// from.
///
/// `precision` is that of the target's code, `source` the effective circuit
/// file, and `computation` what of it decides what is computed.
mlir::LogicalResult addDescription(mlir::ModuleOp module, const Target &target,
                                   Precision precision, const GpuCode &gpu,
                                   llvm::StringRef source,
                                   llvm::StringRef computation);

} // namespace dale

#endif // DALE_COMPILER_EMIT_DESCRIPTION_H
