//===- Passes.h - Lowering for every device -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_PASSES_H
#define DALE_COMPILER_LOWER_PASSES_H

#include "compiler/CacheSizes.h"
#include "mlir/Pass/Pass.h"

namespace dale {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/lower/Passes.h.inc"
} // namespace dale

#endif // DALE_COMPILER_LOWER_PASSES_H
