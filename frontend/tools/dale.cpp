//===- dale.cpp - The command -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Registration.h"
#include "frontend/DiagnosticPrinter.h"
#include "frontend/Frontend.h"
#include "frontend/Reference.h"
#include "frontend/Schema.h"
#include "frontend/tools/CommandLine.h"
#include "frontend/tools/Compile.h"
#include "frontend/tools/OutputFile.h"
#include "frontend/tools/Report.h"
#include "frontend/tools/Show.h"
#include "frontend/tools/Sweep.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/InitLLVM.h"
#include <csignal>

using namespace mlir;
using namespace dale;

/// Does what the command line asks for with one file.
static LogicalResult processFile(MLIRContext &context, const std::string &file,
                                 const CommandLine &commandLine) {
  FailureOr<ParsedCircuit> circuit =
      parseCircuitFile(context, file, commandLine.overrides);
  if (failed(circuit))
    return failure();
  switch (commandLine.command) {
  case Command::Compile:
    return compile(*circuit, commandLine);
  case Command::Check:
    llvm::outs() << file << ": ok\n";
    return success();
  case Command::Show:
    return show(*circuit, commandLine);
  case Command::Schema:
  case Command::Sweep:
  case Command::SweepWorker:
  case Command::Report:
    break; // have no circuit files
  }
  return failure();
}

/// Does what the command line asks for. Returns the exit code.
static int run(int argc, char **argv) {
  CommandLine commandLine;
  int exitCode = exitOk;
  if (!parseCommandLine(argc, argv,
                        "dale " DALE_VERSION " (LLVM " LLVM_VERSION_STRING ")",
                        commandLine, exitCode))
    return exitCode;
  if (commandLine.command == Command::Schema) {
    llvm::outs() << (commandLine.markdown ? printReference() : printSchema());
    return exitOk;
  }

  if (commandLine.command == Command::SweepWorker)
    return sweepWorker(commandLine.sweep);
  if (commandLine.command == Command::Report)
    return reportRuns(commandLine, "dale " DALE_VERSION);

  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  if (commandLine.command == Command::Sweep)
    return sweepExperiment(context, commandLine.sweep);
  for (const std::string &file : commandLine.files) {
    DiagnosticPrinter diagnostics(&context, llvm::errs());
    if (failed(processFile(context, file, commandLine)))
      exitCode = exitError;
  }
  return exitCode;
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  // LLVM takes it for a crash. Ignored, a file over the limit (ulimit -f) is
  // one that cannot be written.
  std::signal(SIGXFSZ, SIG_IGN);
  int exitCode = run(argc, argv);
  // All that commands print comes by here, or it could be lost in silence.
  if (!flushStandardOutput() && exitCode == exitOk)
    exitCode = exitError;
  // There is nowhere to say it.
  llvm::errs().clear_error();
  return exitCode;
}
