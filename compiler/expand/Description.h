//===- Description.h - What only the circuit op knows -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_DESCRIPTION_H
#define DALE_COMPILER_EXPAND_DESCRIPTION_H

#include "compiler/expand/Variables.h"
#include "mlir/IR/BuiltinOps.h"

namespace dale::expand {

/// Sets `dale.name` and `dale.description` of the module: all of the JSON in
/// runtime/CircuitABI.h that nothing else in the expanded module says, under
/// the same keys.
void describe(mlir::ModuleOp module, const CircuitPlan &plan,
              const Variables &variables, mlir::FloatType element);

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_DESCRIPTION_H
