//===- StepQueue.h - Steps begun ahead of their results ------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Lets the host begin steps, of training or of the test, before those ahead of
/// them are done, so that a device never waits for the host.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_STEPQUEUE_H
#define DALE_RUNTIME_TRAIN_STEPQUEUE_H

#include "runtime/device/Executor.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace dale::runtime {

/// Steps go in stretches, whose results are fetched at once. While the host
/// looks at those of one stretch, the device works on the next. A stretch takes
/// about as long as a user would not notice: nobody waits for more than two of
/// them to see results, or to stop.
///
/// What is computed does not depend on any of this.
class StepQueue {
public:
  /// Takes the results of a step that is done, from its buffers.
  using Settle = std::function<void(const Batches &)>;

  /// For batches of `batch` images of each of the executor's networks;
  /// `gathered`: whether bytes have to be, of any of them.
  StepQueue(Executor &executor, const Circuit &circuit, int64_t batch,
            bool gathered);

  /// Buffers for the next step, which nothing uses any more.
  Batches &next();

  /// Says that the step with these buffers has been begun. Calls `settle` for
  /// steps that are done by now, in the order in which they were begun: for
  /// all, where the executor does not run ahead.
  void begun(const Settle &settle);

  /// Waits for all that has been begun.
  void finish(const Settle &settle);

private:
  using Clock = std::chrono::steady_clock;

  struct Stretch {
    /// In the ring.
    int64_t first = 0;
    /// Steps that have been begun, and not been settled.
    int64_t count = 0;
    Clock::time_point begin;
  };

  void close(const Settle &settle);
  void adaptLength(const Stretch &done);

  Executor &executor;
  /// Steps of a stretch: at most, and just now.
  int64_t mostSteps, length = 1;
  std::vector<Batches> ring;
  /// The executor's marks stand at their ends.
  std::array<Stretch, 2> stretches;
  int current = 0;
  /// When a stretch was last settled.
  Clock::time_point settledAt;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_STEPQUEUE_H
