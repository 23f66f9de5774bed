//===- Frontend.h - Circuit files to circuit ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_FRONTEND_H
#define DALE_FRONTEND_FRONTEND_H

#include "dialect/CircuitOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <string>
#include <vector>

namespace dale {

/// A circuit file that has been read and checked.
struct ParsedCircuit {
  /// One `dale.circuit`, with locations that point into the circuit file.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// The effective circuit file (see printCircuitFile).
  std::string source;
  /// What of it decides what is computed (see printComputation).
  std::string computation;
  /// The files that it was read from: the circuit file, its base, and so on.
  std::vector<std::string> files;

  CircuitOp getCircuit() { return *module->getOps<CircuitOp>().begin(); }
};

/// Reads a circuit file and what it is based on, applies overrides of the form
/// PATH=VALUE in order, and checks the result. All errors are reported to the
/// context's diagnostic engine; DiagnosticPrinter shows them well.
mlir::FailureOr<ParsedCircuit>
parseCircuitFile(mlir::MLIRContext &context, llvm::StringRef path,
                 llvm::ArrayRef<std::string> overrides = {});

/// A circuit as the text of a circuit file, in a canonical form: without base,
/// `like` or circuit-wide defaults, and with every default said but those that
/// follow from other parts of the circuit (a gate's effect and activation, a
/// projection's delay). It reads back as the same ops.
std::string printCircuitFile(CircuitOp circuit);

/// The same without the circuit's name and what of its [training] an option of
/// `train` says instead: equal for circuits whose networks train alike, step by
/// step, where they are told the same.
std::string printComputation(CircuitOp circuit);

} // namespace dale

#endif // DALE_FRONTEND_FRONTEND_H
