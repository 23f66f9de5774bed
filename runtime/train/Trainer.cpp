//===- Trainer.cpp - The training loop ------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Trainer.h"

#include "runtime/train/Interrupt.h"
#include "runtime/train/Schedule.h"
#include "runtime/train/Summary.h"

#include <algorithm>
#include <cmath>

using namespace dale::runtime;
using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// 0 where nothing was done yet.
static double rate(int64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

Trainer::Trainer(const Circuit &circuit, Executor &executor,
                 const Dataset &dataset, std::vector<Trainee *> group,
                 const TrainLimits &limits, Progress &progress)
    : circuit(circuit), executor(executor), dataset(dataset),
      group(std::move(group)), limits(limits), progress(progress),
      start(Clock::now()) {
  reserve();
}

std::vector<Model *> Trainer::models() const {
  std::vector<Model *> models;
  for (Trainee *trainee : group)
    models.push_back(&trainee->model);
  return models;
}

int64_t Trainer::stepsPerEpoch() const {
  return dataset.train->count() / settings().batch;
}

void Trainer::reserve() {
  queue.reset();
  executor.setNetworks(std::ssize(group));
  for (std::string_view function : trainingFunctions)
    executor.reserve(function, settings().batch);
  resident = makeResident(executor, circuit, dataset, settings());
  queue.emplace(executor, circuit, settings().batch,
                /*gathered=*/!resident.train || !resident.test);
}

double Trainer::learningRate() const {
  return learningRateAt(settings().learningRate, circuit.training.schedule,
                        place().epoch);
}

double Trainer::elapsed() const { return secondsSince(start); }

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

TrainOutcome Trainer::run() {
  start = Clock::now();
  std::vector<Trainee *> all = group;
  TrainOutcome outcome = train();
  for (Trainee *trainee : all)
    trainee->seconds += elapsed();
  return outcome;
}

TrainOutcome Trainer::train() {
  executor.load(models());
  save();
  keep();
  if (!measure())
    return TrainOutcome::Interrupted;
  while (!group.empty() && !group.front()->finished()) {
    Clock::time_point epochStart = Clock::now();
    double secondsBefore = trainSeconds;
    int64_t imagesBefore = imagesHere;
    TrainOutcome outcome = trainEpoch();
    if (outcome == TrainOutcome::Failed)
      return outcome;
    std::vector<Score> test(group.size());
    if (outcome == TrainOutcome::Finished) {
      progress.evaluating(place().epoch + 1, settings().epochs);
      if (!evaluate(test))
        outcome = TrainOutcome::Interrupted;
    }
    if (outcome != TrainOutcome::Finished) {
      for (Trainee *trainee : group)
        trainee->metrics.write(trainee->folder.metrics());
      save();
      writeSummaries();
      return outcome;
    }
    finishEpoch(test, secondsSince(epochStart),
                rate(imagesHere - imagesBefore, trainSeconds - secondsBefore));
    save();
    keep();
    bool measured = measure();
    writeSummaries();
    if (!measured)
      return TrainOutcome::Interrupted;
  }
  return group.empty() ? TrainOutcome::Failed : TrainOutcome::Finished;
}

TrainOutcome Trainer::trainEpoch() {
  Augmentation augmentation{circuit.training.pad, circuit.training.flip,
                            settings().augment, circuit.training.crop};
  std::optional<int64_t> randomClasses;
  if (settings().randomLabels)
    randomClasses = circuit.classes;
  std::vector<EpochBatches> epochs;
  for (const Trainee *trainee : group)
    epochs.emplace_back(*dataset.train, settings().batch,
                        trainee->settings.seed, place().epoch, augmentation,
                        randomClasses, resident.train);
  double rate = learningRate();
  auto settle = [&](const Batches &step) { this->settle(step, rate); };
  settledAt = Clock::now();
  TrainOutcome outcome = TrainOutcome::Finished;
  // The states know of the steps that are settled; these are begun.
  int64_t before = place().epoch * stepsPerEpoch();
  for (int64_t step = place().step; step < stepsPerEpoch(); ++step) {
    if (interrupted())
      outcome = TrainOutcome::Interrupted;
    else if (before + step >= limits.maxSteps)
      outcome = TrainOutcome::StepLimit;
    if (outcome != TrainOutcome::Finished || anyFailed())
      break;
    Batches &batches = queue->next();
    for (size_t i = 0; i < batches.size(); ++i)
      epochs[i].fill(step, batches[i]);
    executor.prepare(batches, settings().batch);
    executor.trainStep(batches, settings().batch, rate);
    queue->begun(settle);
  }
  queue->finish(settle);
  if (!anyFailed())
    return outcome;
  dropFailed();
  if (group.empty())
    return TrainOutcome::Failed;
  return outcome == TrainOutcome::Finished ? trainEpoch() : outcome;
}

void Trainer::settle(const Batches &step, double learningRate) {
  trainSeconds += secondsSince(settledAt);
  settledAt = Clock::now();
  ++stepsHere;
  imagesHere += settings().batch * std::ssize(group);
  for (size_t i = 0; i < group.size(); ++i)
    settle(*group[i], step[i], learningRate);
  if (!anyFailed())
    reportStep();
}

void Trainer::settle(Trainee &trainee, const BatchBuffers &batch,
                     double learningRate) const {
  // Steps that had been begun when it failed are nothing.
  if (!trainee.failure.empty())
    return;
  TrainState &state = trainee.state;
  StepLosses losses = executor.losses(batch);
  if (!std::isfinite(losses.loss) || !std::isfinite(losses.total)) {
    trainee.failure = fmt::format(
        "the loss is {} in epoch {}, step {}, at the learning rate {}: "
        "expected a finite number; choose a smaller --lr (the last "
        "checkpoint, {}, is from before)",
        losses.total, state.epoch + 1, state.step + 1, learningRate,
        trainee.folder.checkpoint().string());
    return;
  }
  ++state.step;
  state.lossSum += losses.loss;
  state.totalSum += losses.total;
  state.correct += score(batch.logits, batch.labels, circuit.element,
                         settings().batch, circuit.classes)
                       .correct;
}

void Trainer::reportStep() const {
  double loss = 0, correct = 0;
  for (const Trainee *trainee : group) {
    loss += trainee->state.lossSum;
    correct += static_cast<double>(trainee->state.correct);
  }
  double steps = static_cast<double>(place().step * std::ssize(group));
  int64_t allSteps =
      std::min(settings().epochs * stepsPerEpoch(), limits.maxSteps);
  int64_t left = allSteps - place().epoch * stepsPerEpoch() - place().step;
  double perStep = elapsed() / static_cast<double>(stepsHere);
  progress.step({place().epoch + 1, settings().epochs, place().step,
                 stepsPerEpoch(), rate(imagesHere, trainSeconds), loss / steps,
                 correct / (steps * static_cast<double>(settings().batch)),
                 perStep * static_cast<double>(left)});
}

bool Trainer::evaluate(std::vector<Score> &scores) {
  int64_t images = dataset.test->count(), batch = settings().batch, scored = 0;
  auto settle = [&](const Batches &step) {
    int64_t count = std::min(batch, images - scored);
    scored += count;
    for (size_t i = 0; i < scores.size(); ++i) {
      Score part = score(step[i].logits, step[i].labels, circuit.element, count,
                         circuit.classes);
      scores[i].lossSum += part.lossSum;
      scores[i].correct += part.correct;
    }
  };
  for (int64_t first = 0; first < images && !interrupted(); first += batch) {
    int64_t count = std::min(batch, images - first);
    Batches &step = queue->next();
    fillInOrder(*dataset.test, first, count, circuit.training.pad, step.front(),
                resident.test);
    for (size_t i = 1; i < step.size(); ++i)
      copyImages(step.front(), step[i]);
    executor.prepare(step, count);
    executor.evaluate(step, count);
    queue->begun(settle);
  }
  queue->finish(settle);
  return scored == images;
}

void Trainer::finishEpoch(const std::vector<Score> &test, double seconds,
                          double imagesPerSecond) {
  double steps = static_cast<double>(stepsPerEpoch());
  double images = steps * static_cast<double>(settings().batch);
  double testImages = static_cast<double>(dataset.test->count());
  // Asked for before the first network goes to the next epoch.
  double epochRate = learningRate();
  for (size_t i = 0; i < group.size(); ++i) {
    Trainee &trainee = *group[i];
    TrainState &state = trainee.state;
    EpochReport report;
    report.network = trainee.name;
    report.epoch = state.epoch + 1;
    report.epochs = settings().epochs;
    report.trainLoss = state.lossSum / steps;
    report.trainAccuracy = static_cast<double>(state.correct) / images;
    report.testLoss = test[i].lossSum / testImages;
    report.testAccuracy = static_cast<double>(test[i].correct) / testImages;
    report.learningRate = epochRate;
    report.seconds = seconds;
    report.imagesPerSecond = imagesPerSecond;
    progress.epoch(report);

    MetricsTable &metrics = trainee.metrics;
    metrics.add(report.epoch, "learning_rate", report.learningRate);
    metrics.add(report.epoch, "train_loss", report.trainLoss);
    metrics.add(report.epoch, "train_loss_total", state.totalSum / steps);
    metrics.add(report.epoch, "train_accuracy", report.trainAccuracy);
    metrics.add(report.epoch, "test_loss", report.testLoss);
    metrics.add(report.epoch, "test_accuracy", report.testAccuracy);
    // The rows first: those of an epoch that is not in the checkpoint are
    // dropped on resuming, but an epoch without rows would stay without.
    metrics.write(trainee.folder.metrics());
    state = TrainState();
    state.epoch = report.epoch;
  }
}

//===----------------------------------------------------------------------===//
// What is left of it
//===----------------------------------------------------------------------===//

void Trainer::save() {
  executor.store(models());
  for (Trainee *trainee : group) {
    try {
      writeCheckpoint(trainee->folder.checkpoint(), trainee->model, circuit,
                      trainee->settings, trainee->state);
    } catch (const NotFinite &error) {
      trainee->failure = error.what();
    }
  }
  if (anyFailed())
    dropFailed();
}

void Trainer::keep() const {
  for (Trainee *trainee : group)
    if (limits.keep.contains(trainee->state.epoch) && trainee->state.step == 0)
      writeCheckpoint(trainee->folder.kept(trainee->state.epoch),
                      trainee->model, circuit, trainee->settings,
                      trainee->state);
}

bool Trainer::measure() {
  if (group.empty() || !limits.wantsMeasured(place()))
    return true;
  queue.reset();
  for (Trainee *trainee : group) {
    try {
      if (!limits.measure(*trainee))
        return false;
    } catch (const NotFinite &error) {
      trainee->failure = error.what();
    }
  }
  reserve();
  executor.load(models());
  if (anyFailed())
    dropFailed();
  return true;
}

static bool hasFailed(const Trainee *trainee) {
  return !trainee->failure.empty();
}

bool Trainer::anyFailed() const {
  return std::any_of(group.begin(), group.end(), hasFailed);
}

void Trainer::dropFailed() {
  executor.store(models());
  for (const Trainee *trainee : group)
    if (hasFailed(trainee) && !trainee->name.empty())
      progress.line(
          fmt::format("{} ends here: {}", trainee->name, trainee->failure));
  std::erase_if(group, hasFailed);
  if (group.empty())
    return;
  reserve();
  executor.load(models());
}

void Trainer::writeSummaries() const {
  for (const Trainee *trainee : group)
    writeSummary(*trainee, circuit, executor, dataset,
                 {trainee->seconds + elapsed(),
                  rate(stepsHere * settings().batch, trainSeconds),
                  std::ssize(group)});
}
