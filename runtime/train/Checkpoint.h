//===- Checkpoint.h - Where training stands, on disk ------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A checkpoint is a weights file with the momenta (`momentum.<parameter>`)
/// and, in its metadata, all that is needed to go on as if nothing had
/// happened. No time or path is in it: equal training gives equal files.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_CHECKPOINT_H
#define DALE_RUNTIME_TRAIN_CHECKPOINT_H

#include "runtime/Error.h"
#include "runtime/device/Model.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace dale::runtime {

/// What decides the numbers of a training run, besides the circuit.
struct TrainSettings {
  std::string dataset;
  int64_t trainImages = 0;
  int64_t epochs = 1;
  int64_t batch = 128;
  /// Before the schedule.
  double learningRate = 0.1;
  bool augment = true;
  uint64_t seed = 0;
  bool randomLabels = false;

  bool operator==(const TrainSettings &) const = default;
};

/// How far a run has come.
struct TrainState {
  /// Epochs that are complete, with their evaluation.
  int64_t epoch = 0;
  /// Steps done in the epoch that is not complete.
  int64_t step = 0;
  /// \name Sums over these steps
  /// @{
  double lossSum = 0;
  double totalSum = 0;
  int64_t correct = 0;
  /// @}
};

/// Writes atomically. Throws, and leaves the file as it was, if a value is
/// not finite.
void writeCheckpoint(const std::filesystem::path &path, Model &model,
                     const Circuit &circuit, const TrainSettings &settings,
                     const TrainState &state);

struct Checkpoint {
  TrainSettings settings;
  TrainState state;
  /// Whether the circuit computed the same. Earlier versions did not say so.
  std::optional<bool> sameComputation;
  /// Whether the circuit had the same source, text by text.
  bool sameSource = true;

  /// As far as it says.
  bool sameCircuit() const { return sameComputation.value_or(sameSource); }
};

/// Reads what writeCheckpoint wrote, the variables into `model`.
Checkpoint readCheckpoint(const std::filesystem::path &path, Model &model,
                          const Circuit &circuit);

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_CHECKPOINT_H
