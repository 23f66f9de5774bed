//===- Trainer.cpp - The training loop ------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Trainer.h"

#include "runtime/Error.h"
#include "runtime/device/Threads.h"
#include "runtime/io/AtomicFile.h"
#include "runtime/train/Interrupt.h"
#include "runtime/train/Schedule.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

using namespace dale::runtime;
using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Trainer::Trainer(const Circuit &circuit, Executor &executor,
                 const Dataset &dataset, const TrainSettings &settings,
                 const TrainLimits &limits, const RunFolder &folder,
                 Progress &progress)
    : circuit(circuit), executor(executor), dataset(dataset),
      settings(settings), limits(limits), folder(folder), progress(progress),
      start(Clock::now()) {
  for (const char *function : {"prepare", "train_step", "evaluate"})
    executor.reserve(function, settings.batch);
  auto makeResident = [&](const ImageSet &set) {
    return !set.bytes().empty() && executor.makeResident(set.bytes());
  };
  shownWhole = !dataset.train->bytes().empty() &&
               !(settings.augment && circuit.training.crop);
  trainResident = shownWhole && makeResident(*dataset.train);
  testResident = makeResident(*dataset.test);
  queue.emplace(executor, circuit, settings.batch,
                /*gathered=*/!trainResident || !testResident);
}

double Trainer::elapsed() const {
  return limits.secondsBefore + secondsSince(start);
}

TrainOutcome Trainer::run(Model &model, TrainState &state,
                          MetricsTable &metrics) {
  start = Clock::now();
  stepsHere = 0;
  trainSeconds = 0;
  executor.load(model);
  auto save = [&] {
    executor.store(model);
    writeCheckpoint(folder.checkpoint(), model, circuit, settings, state);
  };
  auto keep = [&] {
    if (limits.keep.contains(state.epoch) && state.step == 0)
      writeCheckpoint(folder.kept(state.epoch), model, circuit, settings,
                      state);
  };
  save();
  keep();
  while (state.epoch < settings.epochs) {
    Clock::time_point epochStart = Clock::now();
    double trainBefore = trainSeconds;
    int64_t stepsBefore = stepsHere;
    TrainOutcome outcome = trainEpoch(state);
    Score test;
    if (outcome == TrainOutcome::Finished) {
      progress.evaluating(state.epoch + 1, settings.epochs);
      if (!evaluate(test))
        outcome = TrainOutcome::Interrupted;
    }
    if (outcome != TrainOutcome::Finished) {
      metrics.write(folder.metrics());
      save();
      writeSummary(state, metrics, false);
      return outcome;
    }

    double steps = static_cast<double>(stepsPerEpoch());
    double images = steps * static_cast<double>(settings.batch);
    double testImages = static_cast<double>(dataset.test->count());
    EpochReport report;
    report.epoch = state.epoch + 1;
    report.epochs = settings.epochs;
    report.trainLoss = state.lossSum / steps;
    report.trainAccuracy = static_cast<double>(state.correct) / images;
    report.testLoss = test.lossSum / testImages;
    report.testAccuracy = static_cast<double>(test.correct) / testImages;
    report.learningRate = learningRateAt(
        settings.learningRate, circuit.training.schedule, state.epoch);
    report.seconds = secondsSince(epochStart);
    double epochTrainSeconds = trainSeconds - trainBefore;
    report.imagesPerSecond =
        epochTrainSeconds > 0
            ? static_cast<double>((stepsHere - stepsBefore) * settings.batch) /
                  epochTrainSeconds
            : 0;
    progress.epoch(report);

    metrics.add(report.epoch, "learning_rate", report.learningRate);
    metrics.add(report.epoch, "train_loss", report.trainLoss);
    metrics.add(report.epoch, "train_loss_total", state.totalSum / steps);
    metrics.add(report.epoch, "train_accuracy", report.trainAccuracy);
    metrics.add(report.epoch, "test_loss", report.testLoss);
    metrics.add(report.epoch, "test_accuracy", report.testAccuracy);
    // The rows first: those of an epoch that is not in the checkpoint are
    // dropped on resuming, but an epoch without rows would stay without.
    metrics.write(folder.metrics());
    int64_t complete = state.epoch + 1;
    state = TrainState();
    state.epoch = complete;
    save();
    keep();
    writeSummary(state, metrics, state.epoch == settings.epochs);
  }
  return TrainOutcome::Finished;
}

TrainOutcome Trainer::trainEpoch(TrainState &state) {
  Augmentation augmentation{circuit.training.pad, circuit.training.flip,
                            settings.augment, circuit.training.crop};
  std::optional<int64_t> randomClasses;
  if (settings.randomLabels)
    randomClasses = circuit.classes;
  EpochBatches batches(*dataset.train, settings.batch, settings.seed,
                       state.epoch, augmentation, randomClasses, trainResident);
  double rate = learningRateAt(settings.learningRate, circuit.training.schedule,
                               state.epoch);
  auto settle = [&](const BatchBuffers &batch) {
    this->settle(batch, rate, state);
  };
  settledAt = Clock::now();
  TrainOutcome outcome = TrainOutcome::Finished;
  // The state knows of the steps that are settled; these are begun.
  for (int64_t step = state.step; step < batches.steps(); ++step) {
    if (interrupted())
      outcome = TrainOutcome::Interrupted;
    else if (state.epoch * batches.steps() + step >= limits.maxSteps)
      outcome = TrainOutcome::StepLimit;
    if (outcome != TrainOutcome::Finished)
      break;
    BatchBuffers &batch = queue->next();
    batches.fill(step, batch);
    executor.prepare(batch, settings.batch);
    executor.trainStep(batch, settings.batch, rate);
    queue->begun(settle);
  }
  queue->finish(settle);
  return outcome;
}

void Trainer::settle(const BatchBuffers &batch, double learningRate,
                     TrainState &state) {
  StepLosses losses = executor.losses(batch);
  trainSeconds += secondsSince(settledAt);
  settledAt = Clock::now();
  ++stepsHere;
  if (!std::isfinite(losses.loss) || !std::isfinite(losses.total))
    fail("the loss is {} in epoch {}, step {}, at the learning rate {}: "
         "expected a finite number; choose a smaller --lr (the last "
         "checkpoint, {}, is from before)",
         losses.total, state.epoch + 1, state.step + 1, learningRate,
         folder.checkpoint().string());
  ++state.step;
  state.lossSum += losses.loss;
  state.totalSum += losses.total;
  state.correct += score(batch.logits, batch.labels, circuit.element,
                         settings.batch, circuit.classes)
                       .correct;

  int64_t images = state.step * settings.batch;
  double perStep = secondsSince(start) / static_cast<double>(stepsHere);
  int64_t steps = stepsPerEpoch();
  int64_t allSteps = std::min(settings.epochs * steps, limits.maxSteps);
  int64_t left = allSteps - state.epoch * steps - state.step;
  progress.step(
      {state.epoch + 1, settings.epochs, state.step, steps,
       static_cast<double>(stepsHere * settings.batch) / trainSeconds,
       state.lossSum / static_cast<double>(state.step),
       static_cast<double>(state.correct) / static_cast<double>(images),
       perStep * static_cast<double>(left)});
}

bool Trainer::evaluate(Score &total) {
  int64_t images = dataset.test->count(), scored = 0;
  auto settle = [&](const BatchBuffers &batch) {
    int64_t count = std::min(settings.batch, images - scored);
    Score part = score(batch.logits, batch.labels, circuit.element, count,
                       circuit.classes);
    scored += count;
    total.lossSum += part.lossSum;
    total.correct += part.correct;
  };
  for (int64_t first = 0; first < images && !interrupted();
       first += settings.batch) {
    int64_t count = std::min(settings.batch, images - first);
    BatchBuffers &batch = queue->next();
    fillInOrder(*dataset.test, first, count, circuit.training.pad, batch,
                testResident);
    executor.prepare(batch, count);
    executor.evaluate(batch, count);
    queue->begun(settle);
  }
  queue->finish(settle);
  return scored == images;
}

void Trainer::writeSummary(const TrainState &state, const MetricsTable &metrics,
                           bool complete) const {
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
      {"steps_done", state.epoch * stepsPerEpoch() + state.step},
      {"complete", complete},
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
  summary["seconds"] = elapsed();
  summary["images_per_second"] =
      trainSeconds > 0
          ? static_cast<double>(stepsHere * settings.batch) / trainSeconds
          : 0;
  summary["device"] = executor.device();
  summary["threads"] = threadCount();
  summary["target_cpu"] = circuit.targetCpu;
  writeTextFile(folder.summary(), summary.dump(2) + "\n");
}
