//===- LocalLauncher.cpp - Runs on this machine -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Launchers.h"
#include "frontend/sweep/Progress.h"
#include "frontend/sweep/RunStarter.h"
#include "llvm/ADT/STLExtras.h"
#include <unistd.h>

using namespace llvm;
using namespace dale;
using namespace dale::sweep;

namespace {

class LocalLauncher : public JobHandler {
public:
  LocalLauncher(const SweepFolder &folder, const Plan &plan,
                std::vector<RunState> &states, const Estimate &estimate,
                const LaunchOptions &options)
      : folder(folder), plan(plan), states(states), estimate(estimate),
        options(options) {}

  bool run();

  Start start(size_t item, pid_t &process) override;
  void ended(const Job &job, const Ending &ending, bool stopping) override;
  void tick(const std::vector<Job> &running) override;

private:
  void settle(size_t item, RunState state, const std::string &after);
  double secondsLeft(const std::vector<Job> &running) const;

  const SweepFolder &folder;
  const Plan &plan;
  std::vector<RunState> &states;
  const Estimate &estimate;
  const LaunchOptions &options;
  Progress progress;
  /// Of the runs that were done here: what they took, and were said to take.
  double secondsDone = 0, estimatedDone = 0;
};

} // namespace

JobHandler::Start LocalLauncher::start(size_t item, pid_t &process) {
  const Run &run = plan.runs[item];
  Expected<ReadyRun> ready = prepareRun(folder, run.folder, options.threads);
  if (!ready) {
    settle(item, {State::Failed, toString(ready.takeError())}, "");
    return Start::Nothing;
  }
  if (ready->what == Start::Nothing)
    settle(item, {State::Done, ""}, "");
  if (ready->what != Start::Started)
    return ready->what;
  process = startProgram(ready->command);
  // The run has it from now on.
  close(ready->command.output);
  if (process < 0) {
    noteError(folder, run.folder, "no process for it");
    settle(item, folder.state(run.folder), "");
    return Start::Nothing;
  }
  states[item].state = State::Running;
  return Start::Started;
}

void LocalLauncher::ended(const Job &job, const Ending &ending, bool stopping) {
  const std::string &run = plan.runs[job.item].folder;
  if (!stopping)
    noteEnding(folder, run, ending);
  RunState state = folder.state(run);
  if (state.state == State::Done) {
    secondsDone += job.seconds();
    estimatedDone += estimate.seconds[job.item];
  }
  settle(job.item, state, " in " + formatDuration(job.seconds()));
}

void LocalLauncher::settle(size_t item, RunState state,
                           const std::string &after) {
  states[item] = state;
  const std::string &run = plan.runs[item].folder;
  if (state.state == State::Done)
    progress.line(run + ": done" + after);
  else if (state.state == State::Failed)
    progress.line(run + ": failed: " + state.reason);
  else
    progress.line(run + ": stopped");
  // That it cannot be written is told at the end, if it still cannot.
  consumeError(folder.writeStates(plan, states));
}

/// From the estimates, corrected by how long the runs took that have ended.
double LocalLauncher::secondsLeft(const std::vector<Job> &running) const {
  double slowness = estimatedDone > 0 ? secondsDone / estimatedDone : 1;
  double left = 0;
  for (auto [state, seconds] : llvm::zip(states, estimate.seconds))
    if (state.state == State::Waiting || state.state == State::Running)
      left += slowness * seconds;
  for (const Job &job : running)
    left -= std::min(job.seconds(), slowness * estimate.seconds[job.item]);
  return left > 0 ? left / static_cast<double>(options.jobs) : -1;
}

void LocalLauncher::tick(const std::vector<Job> &running) {
  size_t done = 0, failed = 0;
  for (const RunState &state : states) {
    done += state.state == State::Done;
    failed += state.state == State::Failed;
  }
  progress.show("runs", done, states.size(), running.size(), failed,
                secondsLeft(running));
}

bool LocalLauncher::run() {
  std::deque<size_t> items;
  for (auto [i, state] : llvm::enumerate(states))
    if (state.state == State::Waiting)
      items.push_back(i);
  return runJobs(std::move(items), options.jobs, *this);
}

Expected<Launched> sweep::launchLocally(const SweepFolder &folder,
                                        const Plan &plan,
                                        std::vector<RunState> &states,
                                        const Estimate &estimate,
                                        const LaunchOptions &options) {
  bool ended = LocalLauncher(folder, plan, states, estimate, options).run();
  return ended ? Launched::Ended : Launched::Interrupted;
}
