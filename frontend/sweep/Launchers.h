//===- Launchers.h - Where the runs of a sweep are run -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_LAUNCHERS_H
#define DALE_FRONTEND_SWEEP_LAUNCHERS_H

#include "frontend/sweep/Estimate.h"
#include "frontend/sweep/SweepFolder.h"

namespace dale::sweep {

/// How runs are to be launched.
struct LaunchOptions {
  /// At a time, and threads of each.
  size_t jobs = 1;
  unsigned threads = 1;
  /// Of sbatch or mpirun.
  std::vector<std::string> options;
  /// Whether to wait for what was submitted to Slurm.
  bool wait = true;
};

/// How launching ended.
enum class Launched {
  Ended,       ///< nothing is at work any more
  Interrupted, ///< a signal came
  Submitted    ///< it goes on without this process
};

/// Runs what is not done on this machine, some at a time. `states` are updated
/// as runs end, and sweep.json with them.
llvm::Expected<Launched> launchLocally(const SweepFolder &folder,
                                       const Plan &plan,
                                       std::vector<RunState> &states,
                                       const Estimate &estimate,
                                       const LaunchOptions &options);

/// The same as one array job of Slurm, whose task I is the run I of sweep.json.
llvm::Expected<Launched> launchWithSlurm(const SweepFolder &folder,
                                         const Plan &plan,
                                         std::vector<RunState> &states,
                                         const LaunchOptions &options);

/// The same by mpirun: `jobs` workers, of which each takes its share of what is
/// not done.
llvm::Expected<Launched> launchWithMpi(const SweepFolder &folder,
                                       const Plan &plan,
                                       std::vector<RunState> &states,
                                       const LaunchOptions &options);

/// What a worker is: `dale sweep-worker`.
struct WorkerOptions {
  std::string folder;
  /// The number of the run to become, or nothing: then this is one of several
  /// workers, with the rank that MPI or Slurm says.
  std::optional<size_t> run;
  unsigned threads = 1;
};

/// Does the work of a worker; returns its exit code. With a run, this process
/// becomes that run and does not return.
llvm::Expected<int> work(const WorkerOptions &options);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_LAUNCHERS_H
