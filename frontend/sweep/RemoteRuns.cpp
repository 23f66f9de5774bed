//===- RemoteRuns.cpp - Runs that other processes are at -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/RemoteRuns.h"
#include "frontend/sweep/Process.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace dale::sweep;

/// A run locks its log for as long as it works.
bool RemoteRuns::isAtWork(const Run &run, const RunState &state) const {
  return state.state == State::Waiting && isLocked(folder.log(run.folder));
}

void RemoteRuns::look() {
  bool changed = false;
  for (auto [run, state] : llvm::zip(plan.runs, states)) {
    if (state.state != State::Waiting || isAtWork(run, state))
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

void RemoteRuns::show() {
  size_t done = 0, failed = 0, running = 0;
  for (auto [run, state] : llvm::zip(plan.runs, states)) {
    done += state.state == State::Done;
    failed += state.state == State::Failed;
    running += isAtWork(run, state);
  }
  progress.show("runs", done, states.size(), running, failed, -1);
}
