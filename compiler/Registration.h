//===- Registration.h - Everything dale's tools know -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_REGISTRATION_H
#define DALE_COMPILER_REGISTRATION_H

#include "mlir/IR/DialectRegistry.h"

namespace dale {
/// Registers the dale dialect, the upstream dialects that it is lowered
/// through, and the external models that lowering needs.
void registerDialects(mlir::DialectRegistry &registry);

/// Registers dale's passes and pipelines, and the upstream passes that tests
/// and pipelines name.
void registerPasses();
} // namespace dale

#endif // DALE_COMPILER_REGISTRATION_H
