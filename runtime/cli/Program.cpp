//===- Program.cpp - The executable's commands ----------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cli/Program.h"

#include "runtime/CircuitABI.h"
#include "runtime/Error.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <new>

using namespace dale::runtime;

/// Parses and runs. Problems of the command line are told with the command's
/// own help at hand.
static int run(CLI::App &app, Context &context, int argc, char **argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp &) {
    // The deepest command that was named is the one asked about.
    const CLI::App *asked = &app;
    for (const CLI::App *command : app.get_subcommands())
      asked = command;
    fmt::print("{}", asked->help(asked == &app ? "" : context.program));
  } catch (const CLI::CallForVersion &version) {
    fmt::print("{}\n", version.what());
  } catch (const CLI::ParseError &error) {
    std::string command;
    for (const CLI::App *named : app.get_subcommands())
      command = " " + named->get_name();
    fmt::print(stderr, "{}: error: {}; see '{}{} --help'\n", context.program,
               error.what(), context.program, command);
    return ExitUsage;
  }
  return context.exitCode;
}

int dale::runtime::runProgram(int argc, char **argv) {
  std::string program =
      argc > 0 ? std::filesystem::path(argv[0]).filename().string() : "circuit";
  try {
    Circuit circuit = Circuit::load(
        dale_circuit_magic, dale_circuit_abi_version, dale_circuit_description);
    Context context{program, circuit, {argv + std::min(argc, 1), argv + argc}};
    CLI::App app(
        fmt::format("The circuit '{}', compiled by dale.", circuit.name),
        program);
    app.require_subcommand(1);
    app.set_version_flag(
        "--version",
        fmt::format("{} (dale {}, circuit interface {})", circuit.name,
                    DALE_VERSION, static_cast<int>(DALE_CIRCUIT_ABI_VERSION)));
    app.footer(
        fmt::format("\n'{} COMMAND --help' describes a command.", program));
    addTrainCommand(app, context);
    addStepCommand(app, context);
    addRespondCommand(app, context);
    addInfoCommand(app, context);
    addBenchCommand(app, context);
    return run(app, context, argc, argv);
  } catch (const Error &error) {
    fmt::print(stderr, "{}: error: {}\n", program, error.what());
    return error.exitCode();
  } catch (const std::bad_alloc &) {
    fmt::print(stderr,
               "{}: error: not enough memory; choose a smaller --batch\n",
               program);
  } catch (const std::exception &error) {
    fmt::print(stderr,
               "{}: error: {}; this is a fault of dale's runtime, please "
               "report it\n",
               program, error.what());
  }
  return ExitFailure;
}
