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
#include "runtime/NearestName.h"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <new>

using namespace dale::runtime;

/// What to say where no command was recognized.
static std::string missingCommand(const CLI::App &app, const Context &context) {
  std::vector<std::string> commands;
  for (const CLI::App *command : app.get_subcommands(nullptr))
    commands.push_back(command->get_name());
  std::string expected = fmt::format("expected {}", fmt::join(commands, ", "));
  if (context.arguments.empty())
    return "no command: " + expected;
  const std::string &given = context.arguments.front();
  return fmt::format("unknown {} '{}': {}{}",
                     given.starts_with("-") ? "option" : "command", given,
                     expected, didYouMean(given, commands));
}

/// Not fmt::print, which throws where nobody reads: a second exception, of
/// which nobody could tell the user either.
static void tellError(const std::string &program, const std::string &text) {
  std::fputs(fmt::format("{}: error: {}\n", program, text).c_str(), stderr);
}

/// Output that did not arrive is an error too: of a full disk, say.
static void checkOutput() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout))
    fail("the output cannot be written; free some space or choose another "
         "place");
}

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
    tellError(context.program,
              fmt::format("{}; see '{}{} --help'",
                          command.empty() ? missingCommand(app, context)
                                          : error.what(),
                          context.program, command));
    return ExitUsage;
  }
  return context.exitCode;
}

int dale::runtime::runProgram(int argc, char **argv) {
  // A file over the limit (ulimit -f) is then told as any that cannot be
  // written, and nothing is left of it.
  std::signal(SIGXFSZ, SIG_IGN);
  std::string program =
      argc > 0 ? std::filesystem::path(argv[0]).filename().string() : "circuit";
  try {
    Circuit circuit = Circuit::load(
        dale_circuit_magic, dale_circuit_abi_version, dale_circuit_description);
    Context context{program,
                    argc > 0 ? argv[0] : program,
                    circuit,
                    {argv + std::min(argc, 1), argv + argc}};
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
    addAnalyzeCommand(app, context);
    addStepCommand(app, context);
    addRespondCommand(app, context);
    addInfoCommand(app, context);
    addBenchCommand(app, context);
    int exitCode = run(app, context, argc, argv);
    checkOutput();
    return exitCode;
  } catch (const Error &error) {
    tellError(program, error.what());
    return error.exitCode();
  } catch (const std::bad_alloc &) {
    tellError(program, "not enough memory; choose a smaller --batch");
  } catch (const std::exception &error) {
    tellError(program, fmt::format("{}; this is a fault of dale's runtime, "
                                   "please report it",
                                   error.what()));
  }
  return ExitFailure;
}
