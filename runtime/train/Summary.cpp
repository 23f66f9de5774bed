//===- Summary.cpp - What a run's summary.json says -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Summary.h"

#include "runtime/device/Threads.h"
#include "runtime/io/AtomicFile.h"

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace dale::runtime;

void dale::runtime::writeSummary(const Trainee &trainee, const Circuit &circuit,
                                 const Executor &executor,
                                 const Dataset &dataset,
                                 const TrainSpeed &speed) {
  const TrainSettings &settings = trainee.settings;
  const TrainState &state = trainee.state;
  const MetricsTable &metrics = trainee.metrics;
  int64_t stepsPerEpoch = dataset.train->count() / settings.batch;
  nlohmann::ordered_json summary = {
      {"circuit", circuit.name},
      {"dale_version", DALE_VERSION},
      {"dataset", settings.dataset},
      {"train_images", settings.trainImages},
      {"test_images", dataset.test->count()},
      {"parameters", circuit.parameters.count()},
      {"seed", settings.seed},
      {"batch", settings.batch},
      {"learning_rate", settings.learningRate},
      {"augment", settings.augment},
      {"random_labels", settings.randomLabels},
      {"epochs", settings.epochs},
      {"epochs_done", state.epoch},
      {"steps_done", state.epoch * stepsPerEpoch + state.step},
      {"complete", trainee.finished()},
  };
  for (const char *metric :
       {"train_loss", "train_accuracy", "test_loss", "test_accuracy"}) {
    auto series = metrics.series(metric);
    if (!series.empty())
      summary[metric] = series.back().second;
  }
  auto accuracy = metrics.series("test_accuracy");
  if (!accuracy.empty()) {
    auto best = std::max_element(
        accuracy.begin(), accuracy.end(),
        [](const auto &a, const auto &b) { return a.second < b.second; });
    summary["best"] = {{"epoch", best->first}, {"test_accuracy", best->second}};
  }
  summary["seconds"] = speed.seconds;
  summary["images_per_second"] = speed.imagesPerSecond;
  summary["side_by_side"] = speed.sideBySide;
  summary["device"] = executor.device();
  summary["threads"] = threadCount();
  summary["target_cpu"] = circuit.targetCpu;
  writeTextFile(trainee.folder.summary(), summary.dump(2) + "\n");
}
