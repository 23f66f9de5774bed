//===- TrainOptions.cpp - The options of 'train' --------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cli/TrainOptions.h"
#include "runtime/cli/WholeNumber.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

using namespace dale::runtime;

void TrainOptions::addTo(CLI::App &command, const Context &context) {
  const TrainingDefaults &defaults = context.circuit.training;
  out = "runs/" + context.circuit.name;
  command
      .add_option("--data", data,
                  "Folder with the data set: CIFAR-10's binary files, "
                  "MNIST's or Fashion-MNIST's four files, or ImageNet's "
                  "folders train/CLASS and val/CLASS of JPEG and PNG files")
      ->type_name("DIR");
  addDatasetOption(command, dataset, defaults);
  addNumbers(command, defaults);
  addRuns(command, defaults);
  addMeasurements(command);
  addLimits(command, defaults);
  command.add_flag("--no-augment", noAugment,
                   "Neither crop nor flip at random");
  command.add_flag("--random-labels", randomLabels,
                   "Give each training image a label at random, decided by "
                   "the seed; those of the test stay");
  addDeviceOptions(command, device);
}

/// How a network is trained.
void TrainOptions::addNumbers(CLI::App &command,
                              const TrainingDefaults &defaults) {
  command
      .add_option("--epochs", epochs,
                  fmt::format("Passes through the training set (default: {})",
                              defaults.epochs))
      ->type_name("N")
      ->check(WholeNumber());
  command
      .add_option("--batch", batch,
                  fmt::format("Images a step (default: {}); images that do "
                              "not fill a last batch are left out of their "
                              "epoch",
                              defaults.batch))
      ->type_name("N")
      ->check(WholeNumber());
  command
      .add_option("--lr", learningRate,
                  fmt::format("Learning rate at the beginning (default: {}); "
                              "the circuit's schedule multiplies it",
                              defaults.learningRate))
      ->type_name("RATE")
      ->check(RealNumber());
}

/// Which networks are trained, from where on and how far.
void TrainOptions::addRuns(CLI::App &command,
                           const TrainingDefaults &defaults) {
  CLI::Option *oneSeed =
      command
          .add_option("--seed", seed,
                      fmt::format("Decides initial weights, order and "
                                  "augmentation (default: {})",
                                  defaults.seed))
          ->type_name("N")
          ->check(WholeNumber<uint64_t>());
  command
      .add_option("--seeds", seeds,
                  "Train several networks, as 0..4 or 0,3,7, each in "
                  "RUN/seed-N: side by side on a GPU, on the CPU one after "
                  "the other")
      ->type_name("LIST")
      ->excludes(oneSeed);
  command
      .add_option("--out", out,
                  fmt::format("Folder of the run (default: {}): "
                              "checkpoint.safetensors, metrics.csv, "
                              "summary.json, circuit.toml",
                              out))
      ->type_name("RUN");
  CLI::Option *resumes =
      command.add_flag("--resume", resume,
                       "Go on from the checkpoint in RUN, bit for bit as if "
                       "the training had not stopped, with a circuit that "
                       "computes the same; seeds that have none yet begin, "
                       "with the settings of those that have one");
  command.add_flag("--force", force, "Remove a run that is in RUN already")
      ->excludes(resumes);
  command
      .add_option("--weights", weights,
                  "Start from these parameters and moving averages "
                  "(safetensors); a run that is resumed goes on with its own")
      ->type_name("FILE");
  command
      .add_option("--max-steps", maxSteps,
                  "Stop, with a checkpoint, after that many steps of the run")
      ->type_name("N")
      ->check(WholeNumber());
}

/// What is kept of them on the way.
void TrainOptions::addMeasurements(CLI::App &command) {
  command
      .add_option("--keep", keep,
                  "Keep the weights after these epochs, as 0,10,100, in "
                  "RUN/epoch-N.safetensors")
      ->type_name("LIST");
  CLI::Option *analyzes =
      command
          .add_option("--analyze-at", analyzeAt,
                      "Measure what 'analyze' does after these epochs, as "
                      "0,1,2,5,10, in RUN/analysis/epoch-N")
          ->type_name("LIST");
  addSaveResponsesOption(command, saved)->needs(analyzes);
  for (CLI::Option *option : addDensityOptions(command, analysis))
    option->needs(analyzes);
}

/// With how much of the data.
void TrainOptions::addLimits(CLI::App &command,
                             const TrainingDefaults &defaults) {
  command
      .add_option("--limit-train", limitTrain,
                  fmt::format("Use the first N training images only "
                              "(default: {}); ImageNet's are in a random "
                              "order that is always the same",
                              defaults.fraction < 1
                                  ? fmt::format("{} of them, as the circuit "
                                                "says",
                                                defaults.fraction)
                                  : "all"))
      ->type_name("N")
      ->check(WholeNumber());
  command
      .add_option("--limit-test", limitTest, "Use the first N test images only")
      ->type_name("N")
      ->check(WholeNumber());
}
