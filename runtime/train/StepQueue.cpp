//===- StepQueue.cpp - Steps begun ahead of their results -----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/StepQueue.h"

#include <algorithm>

using namespace dale::runtime;

/// What a stretch should take: a bar that moves, and Ctrl-C, seem immediate.
static constexpr double stretchSeconds = 0.05;

static int64_t mostStepsOf(const Executor &executor, const Circuit &circuit,
                           int64_t batch, bool gathered) {
  // Bytes of two batches are all that it takes to gather one while the device
  // works on the other.
  if (gathered)
    return 1;
  constexpr int64_t steps = 64, bytes = int64_t(16) << 20;
  int64_t each =
      executor.networks() * BatchBuffers::resultBytes(circuit, batch);
  return std::clamp<int64_t>(bytes / each, 1, steps);
}

StepQueue::StepQueue(Executor &executor, const Circuit &circuit, int64_t batch,
                     bool gathered)
    : executor(executor),
      mostSteps(executor.runsAhead()
                    ? mostStepsOf(executor, circuit, batch, gathered)
                    : 1),
      ring(executor.batchRing(batch, 2 * mostSteps, gathered)) {
  stretches[1].first = mostSteps;
}

Batches &StepQueue::next() {
  Stretch &stretch = stretches[current];
  if (stretch.count == 0)
    stretch.begin = Clock::now();
  return ring[static_cast<size_t>(stretch.first + stretch.count)];
}

void StepQueue::begun(const Settle &settle) {
  if (++stretches[current].count < length)
    return;
  close(settle);
  if (!executor.runsAhead())
    close(settle);
}

/// Ends the current stretch, and settles the one before.
void StepQueue::close(const Settle &settle) {
  auto steps = [&](const Stretch &stretch) {
    return std::span(ring).subspan(static_cast<size_t>(stretch.first),
                                   static_cast<size_t>(stretch.count));
  };
  if (stretches[current].count > 0)
    executor.fetch(steps(stretches[current]), current);
  current = 1 - current;
  Stretch &before = stretches[current];
  if (before.count == 0)
    return;
  executor.waitFor(current);
  adaptLength(before);
  for (const Batches &step : steps(before))
    settle(step);
  before.count = 0;
}

void StepQueue::adaptLength(const Stretch &done) {
  Clock::time_point now = Clock::now();
  std::chrono::duration<double> taken = now - std::max(done.begin, settledAt);
  settledAt = now;
  double wanted = stretchSeconds * static_cast<double>(done.count) /
                  std::max(taken.count(), 1e-9);
  // No more than doubled: one measurement says little.
  double most = static_cast<double>(std::min(2 * length, mostSteps));
  length = static_cast<int64_t>(std::clamp(wanted, 1.0, most));
}

void StepQueue::finish(const Settle &settle) {
  close(settle);
  close(settle);
}
