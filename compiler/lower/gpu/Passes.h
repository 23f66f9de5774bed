//===- Passes.h - Lowering to GPUs -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_GPU_PASSES_H
#define DALE_COMPILER_LOWER_GPU_PASSES_H

#include "compiler/lower/Precision.h"
#include "compiler/lower/gpu/ImageBlocks.h"
#include "mlir/Pass/Pass.h"

namespace dale {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

#endif // DALE_COMPILER_LOWER_GPU_PASSES_H
