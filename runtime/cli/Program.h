//===- Program.h - The executable's commands --------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The command line of a compiled circuit.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CLI_PROGRAM_H
#define DALE_RUNTIME_CLI_PROGRAM_H

#include "runtime/circuit/Circuit.h"

#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace dale::runtime {

/// What all commands know.
struct Context {
  /// As the user called it, without folders.
  std::string program;
  /// As the user called it, to be called again.
  std::string invocation;
  const Circuit &circuit;
  /// The command line behind the program's name.
  std::vector<std::string> arguments;
  /// What the command returns to the shell.
  int exitCode = 0;
};

/// \name Each adds a command, which runs while the command line is parsed.
/// @{
void addTrainCommand(CLI::App &app, Context &context);
void addAnalyzeCommand(CLI::App &app, Context &context);
void addStepCommand(CLI::App &app, Context &context);
void addRespondCommand(CLI::App &app, Context &context);
void addInfoCommand(CLI::App &app, Context &context);
void addBenchCommand(CLI::App &app, Context &context);
/// @}

/// Runs a command line; every error ends here, as one message on stderr.
int runProgram(int argc, char **argv);

} // namespace dale::runtime

#endif // DALE_RUNTIME_CLI_PROGRAM_H
