//===- Passes.h - Circuits become tensor programs -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_PASSES_H
#define DALE_COMPILER_EXPAND_PASSES_H

#include "mlir/Pass/Pass.h"

namespace dale {
/// Element type of all real tensors of a compiled circuit.
enum class Element { F32, F64 };

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/expand/Passes.h.inc"
} // namespace dale

#endif // DALE_COMPILER_EXPAND_PASSES_H
