//===- CommandLine.cpp - The command line of dale -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/CommandLine.h"
#include "frontend/Suggest.h"
#include "frontend/tools/CompileOptions.h"
#include "report/Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <CLI/CLI.hpp>
#include <iostream>
#include <sstream>

using namespace dale;

static const char *const examples = R"(
Examples:
  dale compile examples/standard.toml -o standard
  dale compile examples/standard.toml -o small --set circuit.steps=2 \
      --set area3.populations.PN.channels=8
  dale compile examples/standard.toml --emit=circuit
  dale check examples/*.toml
  dale show examples/standard-inhpn.toml
  dale show examples/standard.toml --format=svg -o standard.svg
  dale sweep experiment.toml --data cifar-10-batches-bin --dry-run
  dale report runs -o report.html
  dale report runs/a runs/b --figures selectivity,weights --svg figures
)";

static const char *const overrideHelp =
    "override a value of the file, as in circuit.steps=2 or "
    "'area3.projections.\"IG -> i\".sign=excitatory'";

static void addOverrides(CLI::App *command, CommandLine &commandLine) {
  command->add_option("--set", commandLine.overrides, overrideHelp)
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false)
      ->take_all();
}

/// What code is made for.
static void addTarget(CLI::App *compile, CommandLine &commandLine) {
  compile
      ->add_option("--target-cpu", commandLine.targetCpu,
                   "the processor to compile for (default: native)")
      ->check(CLI::Validator(checkTargetCpu, "", "processor"))
      ->type_name("CPU");
  compile
      ->add_option("--gpu", commandLine.gpu,
                   "code for NVIDIA GPUs: auto (PTX, which runs on all from "
                   "sm_80 on), architectures to assemble for as well, as in "
                   "sm_80,sm_90, none, or emulated: kernels that the host runs "
                   "and checks (default: auto)")
      ->envname("DALE_GPU")
      ->check(CLI::Validator(checkGpu, "", "GPUs"))
      ->type_name("WHAT");
  compile
      ->add_option("--image-blocks", commandLine.imageBlocks,
                   "how many blocks of a GPU work on an image: one, which "
                   "keeps the image's maps in its shared memory, several, as "
                   "many as there are for each image of a batch, or auto: "
                   "several where a map has no room in shared memory (default: "
                   "auto)")
      ->check(CLI::IsMember({"auto", "one", "several"}))
      ->type_name("WHICH");
}

/// The numbers that are computed with, and which of them again.
static void addArithmetic(CLI::App *compile, CommandLine &commandLine) {
  compile
      ->add_option("--precision", commandLine.precision,
                   "what the factors of matrix products are rounded to: f32 "
                   "(not at all), tf32 (10 bits of mantissa, on the tensor "
                   "cores of GPUs) or bf16 (7 bits, on tensor cores and by dot "
                   "products of AVX-512; maps between stages as well); sums "
                   "are f32 (default: f32)")
      ->check(CLI::IsMember({"f32", "tf32", "bf16"}))
      ->type_name("TYPE");
  compile
      ->add_option("--element", commandLine.element,
                   "the type of numbers to compute with (default: f32)")
      ->check(CLI::IsMember({"f32", "f64"}))
      ->type_name("TYPE");
  compile
      ->add_option("--recompute", commandLine.recompute,
                   "operations to compute a value again for the backward pass, "
                   "rather than to keep it, for each byte that is then not "
                   "moved: more take less memory, and more time (default: 36)")
      ->check(CLI::Range(0.0, 1000.0))
      ->check([](const std::string &text) -> std::string {
        // which is in any range
        return llvm::StringRef(text).contains_insensitive("nan")
                   ? "expected a number"
                   : "";
      })
      ->type_name("OPERATIONS");
}

static void addCompile(CLI::App &app, CommandLine &commandLine) {
  CLI::App *compile =
      app.add_subcommand("compile", "Compile a circuit file to an executable");
  compile->add_option("file", commandLine.files, "the circuit file")
      ->required()
      ->expected(1)
      ->type_name("FILE");
  compile
      ->add_option("-o,--output", commandLine.output,
                   "where to write; by default the file's name without "
                   "its extension, or the standard output for a text")
      ->type_name("FILE");
  addOverrides(compile, commandLine);
  compile
      ->add_option("--emit", commandLine.emit, "what to write (default: exe)")
      ->check(CLI::IsMember({"circuit", "tensor", "grad", "fused", "gpu",
                             "nvvm", "ptx", "gpu-report", "loops", "vector",
                             "llvm", "asm", "exe"}))
      ->type_name("LEVEL");
  compile->add_flag("!--no-fuse", commandLine.fuse,
                    "one stage an operation, for comparison");
  addTarget(compile, commandLine);
  addArithmetic(compile, commandLine);
  compile->add_flag("--print-timing", commandLine.printTiming,
                    "print how long each pass took");
  compile->callback([&] {
    commandLine.command = Command::Compile;
    if (std::string problem = checkTogether(commandLine); !problem.empty())
      throw CLI::ValidationError(problem);
  });
}

static void addCheckAndShow(CLI::App &app, CommandLine &commandLine) {
  CLI::App *check =
      app.add_subcommand("check", "Check circuit files for errors");
  check->add_option("files", commandLine.files, "the circuit files")
      ->required()
      ->type_name("FILE");
  addOverrides(check, commandLine);
  check->callback([&] { commandLine.command = Command::Check; });

  CLI::App *show = app.add_subcommand(
      "show", "Show the circuit that a file and its bases amount to");
  show->add_option("file", commandLine.files, "the circuit file")
      ->required()
      ->expected(1)
      ->type_name("FILE");
  addOverrides(show, commandLine);
  show->add_option("--format", commandLine.format,
                   "how: the effective circuit file (toml, the default), a "
                   "picture (svg, which needs Graphviz, or its source, dot), "
                   "or the circuit's equations")
      ->check(CLI::IsMember({"toml", "svg", "dot", "equations"}))
      ->type_name("FORMAT");
  show->add_option("-o,--output", commandLine.output,
                   "where to write; by default the standard output")
      ->type_name("FILE");
  show->callback([&] { commandLine.command = Command::Show; });
}

static void addSchema(CLI::App &app, CommandLine &commandLine) {
  CLI::App *schema = app.add_subcommand(
      "schema", "Print a JSON Schema of circuit files, for editors");
  schema->add_flag("--markdown", commandLine.markdown,
                   "print the reference of all keys instead");
  schema->callback([&] { commandLine.command = Command::Schema; });
}

static void addReport(CLI::App &app, CommandLine &commandLine) {
  CLI::App *report = app.add_subcommand(
      "report", "Draw figures from trained and analyzed networks, as a page");
  report
      ->add_option("folders", commandLine.files,
                   "folders of runs, or folders that hold some at any depth")
      ->required()
      ->type_name("RUNS");
  report
      ->add_option("-o,--output", commandLine.output,
                   "the page to write (default: report.html)")
      ->type_name("FILE");
  report
      ->add_option("--figures", commandLine.figures,
                   "which, separated by commas: " +
                       llvm::join(report::figureNames(), ", ") +
                       " (default: what the runs' experiment asks for, or all "
                       "that the runs have data for)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("LIST");
  report
      ->add_option("--svg", commandLine.svgFolder,
                   "write each figure as a file into this folder too, and its "
                   "table as CSV")
      ->type_name("DIR");
  report->footer(R"(
Needs gnuplot (Debian: gnuplot-nox). Returns 0, 1 if a run cannot be read or
the page cannot be written, and 2 if the command line is wrong.

Examples:
  dale report runs/demo
  dale report sweeps/figure-6 -o figure-6.html
  dale report runs/a runs/b --figures selectivity,weights --svg figures)");
  report->callback([&] { commandLine.command = Command::Report; });
}

/// What is wrong with the name of a command; CLI11 only says that it wants one.
static std::string checkCommand(const CLI::App &app, int argc, char **argv) {
  if (argc < 2 || argv[1][0] == '-')
    return {};
  llvm::SmallVector<llvm::StringRef> names;
  std::vector<const CLI::App *> commands =
      app.get_subcommands([](const CLI::App *) { return true; });
  for (const CLI::App *command : commands) {
    if (command->check_name(argv[1]))
      return {};
    if (!command->get_group().empty())
      names.push_back(command->get_name());
  }
  return "unknown command '" + std::string(argv[1]) + "'" +
         suggest(argv[1], names);
}

bool dale::parseCommandLine(int argc, char **argv, const std::string &version,
                            CommandLine &commandLine, int &exitCode) {
  CLI::App app("A compiler for recurrent circuits of excitatory and inhibitory "
               "neurons.",
               "dale");
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  app.footer(examples);
  addCompile(app, commandLine);
  addCheckAndShow(app, commandLine);
  addSchema(app, commandLine);
  addSweep(
      app, commandLine.sweep, [&] { commandLine.command = Command::Sweep; },
      [&] { commandLine.command = Command::SweepWorker; });
  addReport(app, commandLine);
  if (std::string error = checkCommand(app, argc, argv); !error.empty()) {
    std::cerr << "dale: error: " << error << "\n";
    exitCode = exitUsage;
    return false;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    // Help goes where all else does, which is checked in the end.
    std::ostringstream help;
    exitCode = app.exit(error, help, std::cerr) == 0 ? exitOk : exitUsage;
    llvm::outs() << help.str();
    return false;
  }
  return true;
}
