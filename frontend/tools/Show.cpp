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
  MLIRContext &context = *circuit.module->getContext();
  FailureOr<std::string> output = resolveOutput(
      context, commandLine.output.empty() ? "-" : commandLine.output,
      circuit.files);
  if (failed(output))
    return failure();
  FailureOr<std::string> text =
      render(circuit, commandLine.format,
             FileLineColLoc::get(&context, commandLine.files.front(), 0, 0));
  if (failed(text))
    return failure();
  return writeOutput(context, *output, *text);
}
