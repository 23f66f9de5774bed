//===- SweepOptions.h - The command line of dale sweep -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TOOLS_SWEEPOPTIONS_H
#define DALE_FRONTEND_TOOLS_SWEEPOPTIONS_H

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace dale {

/// What `dale sweep` and `dale sweep-worker` are asked for. Free of LLVM, as
/// CommandLine.h is.
struct SweepOptions {
  std::string experiment, out, data, seeds;
  std::string launcher = "local";
  std::vector<std::string> launcherOptions;
  /// At a time, and threads of each; 0 jobs are as many as there are CPUs for.
  size_t jobs = 0;
  unsigned threadsPerJob = 1;
  bool dryRun = false, force = false, noWait = false;

  // dale sweep-worker
  std::optional<size_t> run;
  std::string runs;
};

/// Adds both commands; `sweep` or `worker` is called where one was given.
void addSweep(CLI::App &app, SweepOptions &options, std::function<void()> sweep,
              std::function<void()> worker);

} // namespace dale

#endif // DALE_FRONTEND_TOOLS_SWEEPOPTIONS_H
