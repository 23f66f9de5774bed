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

/// The number of a job of Slurm that an earlier sweep has submitted for this
/// folder and that is still queued or running; empty where there is none.
llvm::Expected<std::string> findSlurmJob(const SweepFolder &folder);

/// The same as one array job of Slurm, whose task I is the run I of sweep.json;
/// or waits for `job`, if it is not empty.
llvm::Expected<Launched> launchWithSlurm(const SweepFolder &folder,
                                         const Plan &plan,
                                         std::vector<RunState> &states,
                                         std::string job,
                                         const LaunchOptions &options);

/// The same by mpirun: `jobs` workers, of which each takes every `jobs`-th of
/// the runs that are not done.
llvm::Expected<Launched> launchWithMpi(const SweepFolder &folder,
                                       const Plan &plan,
                                       std::vector<RunState> &states,
                                       const LaunchOptions &options);

/// The numbers of the runs that wait, as "0-3,7".
std::string listWaiting(llvm::ArrayRef<RunState> states);

/// What a worker is: `dale sweep-worker`.
struct WorkerOptions {
  std::string folder;
  /// The number of the run to become, or nothing: then this is one of several
  /// workers, with the rank that MPI or Slurm says.
  std::optional<size_t> run;
  /// Those that the workers share, as "0-3,7"; all if empty.
  std::string runs;
  unsigned threads = 1;
};

/// Does the work of a worker; returns its exit code. With a run, this process
/// becomes that run and does not return.
llvm::Expected<int> work(const WorkerOptions &options);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_LAUNCHERS_H
