//===- RemoteRuns.h - Runs that other processes are at -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_REMOTERUNS_H
#define DALE_FRONTEND_SWEEP_REMOTERUNS_H

#include "frontend/sweep/Progress.h"
#include "frontend/sweep/SweepFolder.h"

namespace dale::sweep {

/// Follows the runs of a sweep that this process has not started itself, by
/// what they leave in the folder.
class RemoteRuns {
public:
  RemoteRuns(const SweepFolder &folder, const Plan &plan,
             std::vector<RunState> &states, Progress &progress)
      : folder(folder), plan(plan), states(states), progress(progress) {}

  /// Sees how the runs stand, and says which have ended. `states` are updated,
  /// and sweep.json with them.
  void look();

  /// Shows how many are done, at work, and failed.
  void show();

private:
  bool isAtWork(const Run &run, const RunState &state) const;

  const SweepFolder &folder;
  const Plan &plan;
  std::vector<RunState> &states;
  Progress &progress;
};

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_REMOTERUNS_H
