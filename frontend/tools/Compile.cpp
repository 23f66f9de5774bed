//===- Compile.cpp - dale compile -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/Compile.h"
#include "compiler/Driver.h"
#include "compiler/StreamError.h"
#include "frontend/tools/CompileOptions.h"
#include "frontend/tools/OutputFile.h"
#include "frontend/tools/StatusLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"

using namespace mlir;
using namespace dale;

/// Everything below the circuit ops.
static LogicalResult lower(ParsedCircuit &circuit,
                           const CommandLine &commandLine,
                           llvm::raw_pwrite_stream &os) {
  StatusLine status;
  CompileOptions options = compileOptionsOf(commandLine);
  if (!options.printTiming)
    options.progress = [&](StringRef part) {
      status.show("compiling " + commandLine.files.front() + ": " + part);
    };
  options.source = circuit.source;
  options.computation = circuit.computation;
  return compileCircuit(*circuit.module, options, os);
}

/// Object code goes to a temporary file; the executable is linked from it.
static LogicalResult compileExecutable(ParsedCircuit &circuit,
                                       const CommandLine &commandLine,
                                       StringRef output) {
  MLIRContext *context = circuit.module->getContext();
  int descriptor;
  llvm::SmallString<128> objects;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("dale", "a", descriptor, objects))
    return emitError(FileLineColLoc::get(context, output, 0, 0))
           << "no temporary file: " << error.message();
  llvm::FileRemover remover(objects);
  llvm::sys::RemoveFileOnSignal(objects);
  {
    llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
    if (failed(lower(circuit, commandLine, os)))
      return failure();
    if (std::error_code error = takeError(os))
      return emitError(FileLineColLoc::get(context, objects, 0, 0))
             << "cannot be written: " << error.message();
  }
  return linkExecutable(*context, objects, output);
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
  MLIRContext &context = *circuit.module->getContext();
  // Before the work: a name that cannot be written to is told at once.
  FailureOr<std::string> output =
      resolveOutput(context, chooseOutput(commandLine), circuit.files);
  if (failed(output))
    return failure();
  if (commandLine.emit == "exe")
    return compileExecutable(circuit, commandLine, *output);
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream os(text);
  if (commandLine.emit == "circuit")
    circuit.module->print(os);
  else if (failed(lower(circuit, commandLine, os)))
    return failure();
  return writeOutput(context, *output, text);
}
