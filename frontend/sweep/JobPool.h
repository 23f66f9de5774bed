//===- JobPool.h - Several programs at a time -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_JOBPOOL_H
#define DALE_FRONTEND_SWEEP_JOBPOOL_H

#include "frontend/sweep/Process.h"
#include <chrono>
#include <deque>
#include <vector>

namespace dale::sweep {

/// A program at work, and what it works on.
struct Job {
  size_t item = 0;
  pid_t process = 0;
  std::chrono::steady_clock::time_point begin;

  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         begin)
        .count();
  }
};

/// What a pool asks of those who use it.
class JobHandler {
public:
  enum class Start {
    Started, ///< `process` is at work
    Nothing, ///< there is nothing to do, or it failed
    Busy     ///< someone else is at it: try again later
  };

  virtual ~JobHandler() = default;
  virtual Start start(size_t item, pid_t &process) = 0;
  virtual void ended(const Job &job, const Ending &ending, bool stopping) = 0;
  /// What asks a program to stop.
  virtual int stopSignal() const { return SIGTERM; }
  /// Now and then.
  virtual void tick(const std::vector<Job> &running) = 0;
};

/// Works through `items`, `jobs` of them at a time. SIGINT, SIGTERM and SIGUSR1
/// are handed down, the first as the handler's stopSignal, more as SIGTERM;
/// then nothing more is started, and when all that is at work has ended, false
/// is returned.
bool runJobs(std::deque<size_t> items, size_t jobs, JobHandler &handler);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_JOBPOOL_H
