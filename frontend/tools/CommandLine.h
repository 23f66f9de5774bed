//===- CommandLine.h - The command line of dale -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TOOLS_COMMANDLINE_H
#define DALE_FRONTEND_TOOLS_COMMANDLINE_H

#include "frontend/tools/SweepOptions.h"
#include <optional>
#include <string>
#include <vector>

/// CLI11 reports by exceptions, and LLVM is built without: none passes through
/// a function of LLVM, and this header is free of it.
namespace dale {

enum class Command { Compile, Check, Show, Schema, Sweep, SweepWorker, Report };

/// What the user asked for.
struct CommandLine {
  Command command = Command::Compile;
  std::vector<std::string> files;
  std::vector<std::string> overrides;

  // dale compile
  std::string output; // of dale show, too
  std::string emit = "exe";
  std::string targetCpu = "native";
  std::string element = "f32";
  std::string gpu = "auto";
  std::string imageBlocks = "auto";
  std::string precision = "f32";
  std::optional<double> recompute;
  bool fuse = true;
  bool printTiming = false;

  // dale show
  std::string format = "toml";

  // dale schema
  bool markdown = false;

  // dale sweep
  SweepOptions sweep;

  // dale report
  std::vector<std::string> figures;
  std::string svgFolder;
};

inline constexpr int exitOk = 0;
inline constexpr int exitError = 1;         // an error in the input
inline constexpr int exitUsage = 2;         // an error in the command line
inline constexpr int exitInterrupted = 130; // by a signal, as shells have it

/// Parses the command line. Returns true if there is something to do; otherwise
/// help, version or an error has been printed, and `exitCode` is set.
bool parseCommandLine(int argc, char **argv, const std::string &version,
                      CommandLine &commandLine, int &exitCode);

} // namespace dale

#endif // DALE_FRONTEND_TOOLS_COMMANDLINE_H
