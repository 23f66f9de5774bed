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
#include "frontend/sweep/Progress.h"
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
      : folder(folder), plan(plan), states(states), options(options) {}

  Expected<Launched> run();

  Start start(size_t item, pid_t &process) override;
  void ended(const Job &job, const Ending &ending, bool stopping) override;
  void tick(const std::vector<Job> &running) override;
  /// At SIGTERM mpirun would kill its workers before runs have written their
  /// checkpoints; this one it hands down, and waits.
  int stopSignal() const override { return SIGUSR1; }

private:
  void look();

  const SweepFolder &folder;
  const Plan &plan;
  std::vector<RunState> &states;
  const LaunchOptions &options;
  Progress progress;
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
  look();
  std::string text = StringRef(takeMemory(output)).trim().str();
  if (ending.exitCode != 0 && !stopping)
    failure = text.empty()
                  ? "ended with exit code " + std::to_string(ending.exitCode)
                  : text;
}

/// Sees how the runs stand, and says which have ended.
void MpiLauncher::look() {
  bool changed = false;
  for (auto [run, state] : llvm::zip(plan.runs, states)) {
    if (state.state != State::Waiting || isLocked(folder.log(run.folder)))
      continue;
    RunState now = folder.state(run.folder);
    if (now.state == State::Waiting)
      continue;
    state = now;
    changed = true;
    progress.line(run.folder + (now.state == State::Done
                                    ? ": done"
                                    : ": failed: " + now.reason));
  }
  if (changed)
    consumeError(folder.writeStates(plan, states));
}

void MpiLauncher::tick(const std::vector<Job> &) {
  look();
  size_t done = 0, failed = 0, running = 0;
  for (auto [run, state] : llvm::zip(plan.runs, states)) {
    done += state.state == State::Done;
    failed += state.state == State::Failed;
    running +=
        state.state == State::Waiting && isLocked(folder.log(run.folder));
  }
  progress.show("runs", done, states.size(), running, failed, -1);
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
