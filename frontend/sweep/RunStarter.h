//===- RunStarter.h - Begins a run, or goes on with it -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_RUNSTARTER_H
#define DALE_FRONTEND_SWEEP_RUNSTARTER_H

#include "frontend/sweep/JobPool.h"
#include "frontend/sweep/SweepFolder.h"

namespace dale::sweep {

/// A run that is ready to be started.
struct ReadyRun {
  JobHandler::Start what = JobHandler::Start::Nothing;
  /// Its output is the run's log, which is locked for as long as it works.
  Command command;
};

/// What every launcher does with a run: its command, from where it was left.
/// What killed writers have left is removed; the log says how it is begun.
/// There is nothing to do where the run is done.
llvm::Expected<ReadyRun> prepareRun(const SweepFolder &folder,
                                    llvm::StringRef run, unsigned threads);

/// Says in a run's log why it ended, where it did not say so itself.
void noteEnding(const SweepFolder &folder, llvm::StringRef run,
                const Ending &ending);

/// The same, in these words.
void noteError(const SweepFolder &folder, llvm::StringRef run,
               llvm::StringRef reason);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_RUNSTARTER_H
