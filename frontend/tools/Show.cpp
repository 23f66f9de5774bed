//===- Show.cpp - dale show -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/Show.h"
#include "frontend/Diagram.h"
#include "frontend/Equations.h"
#include "frontend/tools/OutputFile.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace dale;

static FailureOr<std::string> render(ParsedCircuit &circuit, StringRef format,
                                     Location loc) {
  CircuitOp op = circuit.getCircuit();
  if (format == "equations")
    return printEquations(op);
  if (format == "dot")
    return printDiagram(op);
  if (format == "svg")
    return drawDiagram(printDiagram(op), loc);
  return circuit.source;
}

LogicalResult dale::show(ParsedCircuit &circuit,
                         const CommandLine &commandLine) {
  std::string output = commandLine.output.empty() ? "-" : commandLine.output;
  const std::string &file = commandLine.files.front();
  auto locate = [&](StringRef name) {
    return FileLineColLoc::get(circuit.module->getContext(), name, 0, 0);
  };
  if (llvm::sys::fs::equivalent(output, file))
    return emitError(locate(output), "this is the circuit file itself, choose "
                                     "another output");
  FailureOr<std::string> text =
      render(circuit, commandLine.format, locate(file));
  if (failed(text))
    return failure();
  return writeOutput(*circuit.module->getContext(), output, *text);
}
