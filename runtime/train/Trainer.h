//===- Trainer.h - The training loop ----------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Trains one network from one seed.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_TRAINER_H
#define DALE_RUNTIME_TRAIN_TRAINER_H

#include "runtime/data/Batches.h"
#include "runtime/data/Dataset.h"
#include "runtime/device/Executor.h"
#include "runtime/train/Checkpoint.h"
#include "runtime/train/Metrics.h"
#include "runtime/train/Progress.h"
#include "runtime/train/RunFolder.h"
#include "runtime/train/StepQueue.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>

namespace dale::runtime {

/// How the loop ended.
enum class TrainOutcome {
  Finished,
  /// After as many steps as were allowed.
  StepLimit,
  /// By a signal.
  Interrupted,
};

/// What a run was allowed and told to do, without effect on its numbers.
struct TrainLimits {
  /// Steps since the beginning of training, after which to stop.
  int64_t maxSteps = std::numeric_limits<int64_t>::max();
  /// Epochs after which the weights are kept in a file of their own.
  std::set<int64_t> keep;
  /// Spent on this run before it was resumed.
  double secondsBefore = 0;
};

class Trainer {
public:
  Trainer(const Circuit &circuit, Executor &executor, const Dataset &dataset,
          const TrainSettings &settings, const TrainLimits &limits,
          const RunFolder &folder, Progress &progress);

  /// Trains `model` from `state` on until all epochs are done or something
  /// stops it. Checkpoint, metrics and summary are in the folder whenever this
  /// returns; a checkpoint also after each epoch and before the first step.
  /// Throws if the loss is not finite; the last checkpoint is then from before.
  TrainOutcome run(Model &model, TrainState &state, MetricsTable &metrics);

  /// Whether the training set would lie in the device's memory if there were
  /// room for it, so that each batch has to be sent there.
  bool lacksRoom() const { return shownWhole && !trainResident; }

  /// Steps of one epoch.
  int64_t stepsPerEpoch() const {
    return dataset.train->count() / settings.batch;
  }

private:
  /// Steps of the current epoch until its end, or until something stops it.
  TrainOutcome trainEpoch(TrainState &state);

  /// Adds what a step of training at a learning rate has given to the state,
  /// and tells it. Throws if the loss is not finite.
  void settle(const BatchBuffers &batch, double learningRate,
              TrainState &state);

  /// Goes through the test set. False if interrupted.
  bool evaluate(Score &score);

  void writeSummary(const TrainState &state, const MetricsTable &metrics,
                    bool complete) const;

  double elapsed() const;

  const Circuit &circuit;
  Executor &executor;
  const Dataset &dataset;
  TrainSettings settings;
  TrainLimits limits;
  RunFolder folder;
  Progress &progress;
  /// Whether a training batch's images are the set's own bytes, not cut out of
  /// them before.
  bool shownWhole;
  /// Whether batches only have to pick from the sets.
  bool trainResident, testResident;
  std::optional<StepQueue> queue;
  std::chrono::steady_clock::time_point start;
  /// Done by this call of run, for the speed and the time left.
  int64_t stepsHere = 0;
  double trainSeconds = 0;
  /// Up to when those are counted.
  std::chrono::steady_clock::time_point settledAt;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_TRAINER_H
