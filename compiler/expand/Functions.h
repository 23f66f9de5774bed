//===- Functions.h - The functions of a compiled circuit -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_FUNCTIONS_H
#define DALE_COMPILER_EXPAND_FUNCTIONS_H

#include "compiler/expand/Variables.h"

namespace dale::expand {

/// Builds @prepare, @forward, @evaluate and @respond at the builder's insertion
/// point.
void buildFunctions(mlir::OpBuilder &builder, const CircuitPlan &plan,
                    const Variables &variables, mlir::FloatType element);

/// "v1.P" and shape of each of @respond's responses, in order.
llvm::SmallVector<std::pair<std::string, MapShape>>
listResponses(const CircuitPlan &plan);

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_FUNCTIONS_H
