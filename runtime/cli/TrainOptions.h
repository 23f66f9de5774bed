//===- TrainOptions.h - The options of 'train' ----------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CLI_TRAINOPTIONS_H
#define DALE_RUNTIME_CLI_TRAINOPTIONS_H

#include "runtime/cli/Common.h"
#include "runtime/cli/Program.h"

#include <cstdint>
#include <optional>
#include <string>

namespace dale::runtime {

/// What `train` was given; what was not comes from the circuit, or on resuming
/// from the checkpoint.
struct TrainOptions {
  std::string data, dataset, out, weights, seeds, keep, analyzeAt;
  std::optional<int64_t> epochs, batch, maxSteps, limitTrain, limitTest;
  std::optional<double> learningRate;
  std::optional<uint64_t> seed;
  bool resume = false, force = false;
  bool noAugment = false, randomLabels = false;
  SavedTensors saved;
  /// Of --analyze-at; the batch is that of the training.
  AnalysisSettings analysis;
  DeviceOptions device;

  /// Adds the options to the command `train`, with the circuit's defaults.
  void addTo(CLI::App &command, const Context &context);

private:
  void addNumbers(CLI::App &command, const TrainingDefaults &defaults);
  void addRuns(CLI::App &command, const TrainingDefaults &defaults);
  void addMeasurements(CLI::App &command);
  void addLimits(CLI::App &command, const TrainingDefaults &defaults);
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_CLI_TRAINOPTIONS_H
