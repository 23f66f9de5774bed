//===- Trainer.h - The training loop ----------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Trains networks that differ by their seeds, step by step together.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_TRAINER_H
#define DALE_RUNTIME_TRAIN_TRAINER_H

#include "runtime/data/Batches.h"
#include "runtime/data/Dataset.h"
#include "runtime/device/Executor.h"
#include "runtime/train/Progress.h"
#include "runtime/train/Residency.h"
#include "runtime/train/StepQueue.h"
#include "runtime/train/Trainee.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <vector>

namespace dale::runtime {

/// How the loop ended.
enum class TrainOutcome {
  Finished,
  /// After as many steps as were allowed.
  StepLimit,
  /// By a signal.
  Interrupted,
  /// No network is left that can be trained on.
  Failed,
};

/// What a run was allowed and told to do, without effect on its numbers.
struct TrainLimits {
  /// Steps since the beginning of training, after which to stop.
  int64_t maxSteps = std::numeric_limits<int64_t>::max();
  /// Epochs after which the weights are kept in a file of their own.
  std::set<int64_t> keep;
  /// Epochs after which the networks are measured, one by one, by `measure`:
  /// false if a signal has stopped it. It has the executor to itself, may throw
  /// NotFinite, and leaves what it measures in the network's folder.
  std::set<int64_t> measureAt;
  std::function<bool(Trainee &)> measure;

  bool wantsMeasured(TrainPlace place) const {
    return place.step == 0 && measureAt.contains(place.epoch);
  }
};

class Trainer {
public:
  /// The networks of `group` are at one place, and their settings differ by the
  /// seed only. They must be as many as fit the executor's device.
  Trainer(const Circuit &circuit, Executor &executor, const Dataset &dataset,
          std::vector<Trainee *> group, const TrainLimits &limits,
          Progress &progress);

  /// Trains the networks on until all epochs are done or something stops them.
  /// Checkpoints, metrics and summaries are in their folders whenever this
  /// returns; checkpoints also after each epoch and before the first step.
  ///
  /// A network whose loss or weights are no longer finite is left behind, with
  /// its `failure` told and its last checkpoint from before; the others go on.
  TrainOutcome run();

private:
  const TrainSettings &settings() const { return group.front()->settings; }
  TrainPlace place() const { return group.front()->place(); }
  std::vector<Model *> models() const;

  /// Steps of one epoch.
  int64_t stepsPerEpoch() const;

  /// Divides the device among the networks.
  void reserve();

  TrainOutcome train();

  /// Steps of the current epoch until its end, or until something stops it.
  TrainOutcome trainEpoch();

  /// Adds what a step of training at a learning rate has given to the networks'
  /// states, and tells it.
  void settle(const Batches &step, double learningRate);
  void settle(Trainee &trainee, const BatchBuffers &batch,
              double learningRate) const;

  /// Goes through the test set: a score for each network. False if
  /// interrupted.
  bool evaluate(std::vector<Score> &scores);

  /// Adds an epoch's rows to the metrics, and goes to the next epoch.
  void finishEpoch(const std::vector<Score> &test, double seconds,
                   double imagesPerSecond);

  /// Writes the checkpoints.
  void save();
  /// Writes those of them that are kept.
  void keep() const;
  /// Has the networks measured, if they are to be at this place. False if
  /// interrupted.
  bool measure();
  void writeSummaries() const;

  /// Whether a network has failed that is still in the group.
  bool anyFailed() const;
  /// Goes on without the networks that have failed.
  void dropFailed();

  void reportStep() const;

  double learningRate() const;
  double elapsed() const;

  const Circuit &circuit;
  Executor &executor;
  const Dataset &dataset;
  std::vector<Trainee *> group;
  TrainLimits limits;
  Progress &progress;
  Residency resident;
  /// There whenever steps are begun.
  std::optional<StepQueue> queue;
  std::chrono::steady_clock::time_point start;
  /// When a step was last settled.
  std::chrono::steady_clock::time_point settledAt;
  /// Done by this call of run, for the speed and the time left.
  int64_t stepsHere = 0;
  /// Of all networks.
  int64_t imagesHere = 0;
  double trainSeconds = 0;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_TRAINER_H
