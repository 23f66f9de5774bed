//===- Compile.cpp - dale compile -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/Compile.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
using namespace dale;

/// Everything below the circuit ops: the one place that calls the compiler.
static LogicalResult lower(ParsedCircuit &circuit,
                           const CommandLine &commandLine,
                           llvm::raw_ostream &) {
  return emitError(UnknownLoc::get(circuit.module->getContext()))
         << "--emit=" << commandLine.emit << " is not part of this build";
}

static std::string chooseOutput(const CommandLine &commandLine) {
  if (!commandLine.output.empty())
    return commandLine.output;
  if (commandLine.emit != "exe")
    return "-";
  return llvm::sys::path::stem(commandLine.files.front()).str();
}

LogicalResult dale::compile(ParsedCircuit &circuit,
                            const CommandLine &commandLine) {
  std::string output = chooseOutput(commandLine);
  auto fail = [&](const Twine &message) -> LogicalResult {
    return emitError(
        FileLineColLoc::get(circuit.module->getContext(), output, 0, 0),
        message);
  };
  if (llvm::sys::fs::equivalent(output, commandLine.files.front()))
    return fail("this is the circuit file itself, choose another output");
  std::string error;
  std::unique_ptr<llvm::ToolOutputFile> file = openOutputFile(output, &error);
  if (!file)
    return fail(error);
  if (commandLine.emit == "circuit")
    circuit.module->print(file->os());
  else if (failed(lower(circuit, commandLine, file->os())))
    return failure();
  file->keep();
  return success();
}
