//===- MpiLauncher.cpp - Runs by MPI -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Executables.h"
#include "frontend/sweep/JobPool.h"
#include "frontend/sweep/Launchers.h"
#include "frontend/sweep/RemoteRuns.h"
#include "frontend/sweep/RunStarter.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;
using namespace dale;
using namespace dale::sweep;

namespace {

/// One mpirun, and the runs that its workers are at.
class MpiLauncher : public JobHandler {
public:
  MpiLauncher(const SweepFolder &folder, const Plan &plan,
              std::vector<RunState> &states, const LaunchOptions &options)
      : folder(folder), states(states), options(options),
        runs(folder, plan, states, progress) {}

  Expected<Launched> run();

  Start start(size_t item, pid_t &process) override;
  void ended(const Job &job, const Ending &ending, bool stopping) override;
  void tick(const std::vector<Job> &running) override;
  /// At SIGTERM mpirun would kill its workers before runs have written their
  /// checkpoints; this one it hands down, and waits.
  int stopSignal() const override { return SIGUSR1; }

private:
  const SweepFolder &folder;
  std::vector<RunState> &states;
  const LaunchOptions &options;
  Progress progress;
  RemoteRuns runs;
  int output = -1;
  /// Why mpirun itself failed.
  std::string failure;
};

} // namespace

JobHandler::Start MpiLauncher::start(size_t, pid_t &process) {
  SmallString<256> out(folder.path());
  sys::fs::make_absolute(out);
  size_t waiting = llvm::count_if(states, [](const RunState &state) {
    return state.state == State::Waiting;
  });
  Command command{
      {"mpirun", "-np", std::to_string(std::min(options.jobs, waiting))}};
  llvm::append_range(command.arguments, options.options);
  llvm::append_values(command.arguments, ownProgram(), "sweep-worker",
                      out.str().str(), "--threads-per-job",
                      std::to_string(options.threads), "--runs",
                      listWaiting(states));
  output = command.output = openMemory();
  process = startProgram(command);
  return process < 0 ? Start::Nothing : Start::Started;
}

void MpiLauncher::ended(const Job &, const Ending &ending, bool stopping) {
  runs.look();
  std::string text = StringRef(takeMemory(output)).trim().str();
  if (ending.exitCode != 0 && !stopping)
    failure = text.empty()
                  ? "ended with exit code " + std::to_string(ending.exitCode)
                  : text;
}

void MpiLauncher::tick(const std::vector<Job> &) {
  runs.look();
  runs.show();
}

Expected<Launched> MpiLauncher::run() {
  if (llvm::none_of(states, [](const RunState &state) {
        return state.state == State::Waiting;
      }))
    return Launched::Ended;
  bool ended = runJobs({0}, /*jobs=*/1, *this);
  if (!failure.empty())
    return makeError("mpirun: " + failure);
  return ended ? Launched::Ended : Launched::Interrupted;
}

Expected<Launched> sweep::launchWithMpi(const SweepFolder &folder,
                                        const Plan &plan,
                                        std::vector<RunState> &states,
                                        const LaunchOptions &options) {
  return MpiLauncher(folder, plan, states, options).run();
}
