//===- CircuitReader.h - A circuit file's tree to circuit ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_CIRCUITREADER_H
#define DALE_FRONTEND_CIRCUITREADER_H

#include "dialect/CircuitOps.h"
#include "frontend/Node.h"
#include "frontend/Reporter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace dale {

/// Builds a module with one circuit from a file's tree, after bases, overrides
/// and `like`, and checks it. Returns null after an error.
mlir::OwningOpRef<mlir::ModuleOp> readCircuit(const Node &file,
                                              Reporter &reporter);

} // namespace dale

#endif // DALE_FRONTEND_CIRCUITREADER_H
