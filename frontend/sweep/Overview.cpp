//===- Overview.cpp - What a sweep says of itself -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Overview.h"
#include "frontend/sweep/Executables.h"
#include "frontend/sweep/Progress.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace dale;
using namespace dale::sweep;

static size_t count(ArrayRef<RunState> states, State wanted) {
  return llvm::count_if(
      states, [&](const RunState &state) { return state.state == wanted; });
}

/// "12.3 MFLOP"
static std::string formatFlops(double flops) {
  const char *units[] = {"", "k", "M", "G", "T"};
  size_t unit = 0;
  for (; flops >= 1000 && unit + 1 < std::size(units); ++unit)
    flops /= 1000;
  return formatv("{0:f1} {1}FLOP", flops, units[unit]).str();
}

static void printConditions(const Plan &plan, ArrayRef<RunState> states,
                            const Estimate &estimate) {
  size_t width = StringRef("condition").size();
  for (const Condition &condition : plan.conditions)
    width = std::max(width, condition.name.size());
  auto pad = [&](StringRef text) {
    return text.str() + std::string(width - text.size() + 2, ' ');
  };
  outs() << pad("condition") << "runs  done  failed  an image      a run\n";
  for (auto [i, condition] : llvm::enumerate(plan.conditions)) {
    size_t runs = 0, done = 0, failed = 0;
    double seconds = 0;
    for (auto [run, state, time] :
         llvm::zip(plan.runs, states, estimate.seconds)) {
      if (run.condition != i)
        continue;
      ++runs;
      done += state.state == State::Done;
      failed += state.state == State::Failed;
      seconds = time;
    }
    const Executable &circuit = plan.executables[condition.executable];
    std::string time = seconds > 0 ? formatDuration(seconds) : "?";
    outs() << pad(condition.name)
           << formatv("{0,4}  {1,4}  {2,6}  {3,-12}  {4}", runs, done, failed,
                      formatFlops(circuit.flopsPerImage), time)
           << "\n";
  }
}

void sweep::printOverview(const SweepFolder &folder, const Plan &plan,
                          ArrayRef<RunState> states, const Estimate &estimate,
                          size_t jobs) {
  const Experiment &experiment = plan.experiment;
  outs() << "experiment '" << experiment.name << "'";
  if (experiment.title != experiment.name)
    outs() << ", " << experiment.title;
  outs() << ", in " << folder.path() << "\n";
  size_t compiled =
      llvm::count_if(plan.executables, [&](const Executable &executable) {
        return isCompiled(folder, plan, executable);
      });
  outs() << counted(plan.conditions.size(), "condition") << ", "
         << counted(experiment.seeds.size(), "seed") << ", "
         << counted(plan.runs.size(), "run") << "; "
         << counted(plan.executables.size(), "distinct circuit") << ", "
         << compiled << " compiled\n\n";
  printConditions(plan, states, estimate);

  double seconds = 0, longest = 0;
  size_t left = 0;
  for (auto [state, time] : llvm::zip(states, estimate.seconds)) {
    if (state.state == State::Done)
      continue;
    ++left;
    seconds += time;
    longest = std::max(longest, time);
  }
  outs() << "\n"
         << counted(count(states, State::Done), "run") << " done, " << left
         << " to do";
  if (size_t failed = count(states, State::Failed))
    outs() << ", of which " << failed << " failed before";
  if (size_t running = count(states, State::Running))
    outs() << ", of which " << running << " at work";
  outs() << "\n";
  if (left == 0)
    return;
  if (seconds > 0)
    outs() << "about "
           << formatDuration(
                  std::max(longest, seconds / static_cast<double>(jobs)))
           << ", " << counted(jobs, "job") << " at a time, " << estimate.basis
           << "\n";
  else
    outs() << "how long it takes is not known: no images were found, expected "
              "--data "
              "DIR with a data set\n";
  outs() << "\n";
  outs().flush();
}

void sweep::printSummary(const SweepFolder &folder, const Plan &plan,
                         ArrayRef<RunState> states) {
  size_t done = count(states, State::Done),
         failed = count(states, State::Failed);
  outs() << counted(states.size(), "run") << ": " << done << " done";
  if (failed)
    outs() << ", " << failed << " failed";
  if (size_t left = states.size() - done - failed)
    outs() << ", " << left << " not complete: the same command goes on";
  outs() << "; " << folder.at("sweep.json") << "\n";
  outs().flush();
  for (auto [run, state] : llvm::zip(plan.runs, states))
    if (state.state == State::Failed)
      errs() << folder.log(run.folder) << ": error: " << state.reason << "\n";
}
