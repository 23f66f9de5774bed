//===- TrainCommand.cpp - The command 'train' -----------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Error.h"
#include "runtime/analysis/AnalysisFiles.h"
#include "runtime/cli/Common.h"
#include "runtime/cli/Program.h"
#include "runtime/cli/TrainMessages.h"
#include "runtime/cli/TrainOptions.h"
#include "runtime/io/AtomicFile.h"
#include "runtime/train/FolderLock.h"
#include "runtime/train/InitialWeights.h"
#include "runtime/train/Interrupt.h"
#include "runtime/train/ModelFile.h"
#include "runtime/train/SideBySide.h"
#include "runtime/train/Summary.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <utility>

using namespace dale::runtime;
namespace fs = std::filesystem;

namespace {
/// One network to train, and where it begins.
struct Run {
  uint64_t seed;
  RunFolder folder;
  TrainSettings settings = {};
  TrainPlace place = {};
  /// From its checkpoint.
  bool resuming = false;
  /// Of the folder, from before it is looked at until the command ends.
  FolderLock lock = {};
};

class TrainCommand {
public:
  TrainCommand(const Context &context, const TrainOptions &options)
      : circuit(context.circuit), context(context), options(options),
        progress(stdout, Progress::detect(stdout)) {}

  int run();

private:
  void checkOptions() const;
  std::vector<Run> planRuns() const;
  void lockFolders(std::vector<Run> &runs) const;
  void findCheckpoints(std::vector<Run> &runs) const;
  void checkFolders(const std::vector<Run> &runs) const;
  void createFolder(Run &run) const;
  void loadData();
  TrainSettings freshSettings(uint64_t seed) const;
  TrainSettings resumedSettings(const Checkpoint &checkpoint,
                                const fs::path &path) const;
  void checkWeights(const std::vector<Run> &runs) const;
  void checkBatch(int64_t batch) const;
  void checkCircuit(const Checkpoint &checkpoint,
                    const RunFolder &folder) const;
  void findPlace(Run &run) const;
  void settleNewRuns(std::vector<Run> &runs) const;
  bool finishIfComplete(const Run &run);
  void finishComplete(const Run &run);
  bool analyzeTrainee(Trainee &trainee);
  std::vector<Run> takeGroup(std::vector<Run> &runs);
  Trainee begin(const Run &run) const;
  void announce(const std::vector<Run> &group);
  TrainOutcome trainGroup(const std::vector<Run> &group);
  void checkFailures() const;

  const Circuit &circuit;
  const Context &context;
  const TrainOptions &options;
  Progress progress;
  OpenDevice device;
  Dataset dataset;
  TrainLimits limits;
  /// Whether there are several networks, and they have names.
  bool several = false;
  bool limitTold = false;
  /// Whether the device has no room for the training images.
  bool lacksRoom = false;
  /// Why networks could not be trained to their end.
  std::vector<std::string> failures;
};
} // namespace

//===----------------------------------------------------------------------===//
// What to do, and whether it can be done
//===----------------------------------------------------------------------===//

void TrainCommand::checkOptions() const {
  if (options.epochs)
    checkPositive("--epochs", *options.epochs);
  if (options.batch)
    checkBatchSize(*options.batch);
  if (options.maxSteps)
    checkPositive("--max-steps", *options.maxSteps);
  if (options.limitTrain)
    checkPositive("--limit-train", *options.limitTrain);
  if (options.limitTest)
    checkPositive("--limit-test", *options.limitTest);
  if (options.learningRate)
    checkLearningRate(*options.learningRate, circuit);
  checkThreshold(options.analysis);
  if (!options.dataset.empty())
    checkDatasetName(options.dataset);
}

/// The epochs of a list; none of an empty one.
static std::set<int64_t> parseEpochs(const char *option,
                                     const std::string &list) {
  std::set<int64_t> epochs;
  if (list.empty())
    return epochs;
  for (uint64_t epoch : parseNumberList(option, list)) {
    if (epoch > INT64_MAX)
      failUsage("{} {}: expected epochs, at most {}", option, list, INT64_MAX);
    epochs.insert(static_cast<int64_t>(epoch));
  }
  return epochs;
}

std::vector<Run> TrainCommand::planRuns() const {
  fs::path out = options.out;
  std::vector<Run> runs;
  if (options.seeds.empty()) {
    runs.push_back(
        {options.seed.value_or(circuit.training.seed), RunFolder(out)});
    return runs;
  }
  for (uint64_t seed : parseNumberList("--seeds", options.seeds))
    runs.push_back({seed, RunFolder(out / fmt::format("seed-{}", seed))});
  return runs;
}

/// Those that are there, of all seeds: nothing is begun where one is in use.
void TrainCommand::lockFolders(std::vector<Run> &runs) const {
  for (Run &run : runs)
    run.lock.take(run.folder.path());
}

/// Decides once which runs go on from a checkpoint: their folders are locked.
void TrainCommand::findCheckpoints(std::vector<Run> &runs) const {
  std::error_code ignored;
  for (Run &run : runs)
    run.resuming =
        options.resume && fs::exists(run.folder.checkpoint(), ignored);
}

void TrainCommand::checkFolders(const std::vector<Run> &runs) const {
  for (const Run &run : runs)
    if (run.folder.holdsRun() && !options.resume && !options.force)
      fail("{}: holds a training run already; go on with it by --resume, "
           "begin anew by --force (which removes it), or choose another --out",
           run.folder.path().string());
  if (options.resume && std::ranges::none_of(runs, &Run::resuming))
    fail("{}: has no checkpoint to resume from: expected {}; leave --resume "
         "out to begin a run, or correct --out",
         options.out, runs.front().folder.checkpoint().string());
}

/// Makes a folder that was not there, or sees that it can be written to.
void TrainCommand::createFolder(Run &run) const {
  run.folder.create();
  if (run.lock.taken())
    return;
  run.lock.take(run.folder.path());
  // Since it was looked for, another process may have made it, and be done.
  if (run.lock.taken() && run.folder.holdsRun() && !options.force)
    fail("{}: another training run has begun there meanwhile; choose another "
         "--out",
         run.folder.path().string());
}

/// A fraction of `count`, rounded up; 0.07 of 100 is 7, though 0.07 * 100 is
/// more.
static int64_t partOf(int64_t count, double fraction) {
  double part = fraction * static_cast<double>(count);
  return std::max<int64_t>(1, std::llround(std::ceil(part - 1e-6)));
}

void TrainCommand::loadData() {
  dataset = loadDataFor(context, options.data, options.dataset);
  dataset.train->truncate(options.limitTrain.value_or(
      partOf(dataset.train->count(), circuit.training.fraction)));
  dataset.test->truncate(options.limitTest.value_or(dataset.test->count()));
}

TrainSettings TrainCommand::freshSettings(uint64_t seed) const {
  const TrainingDefaults &defaults = circuit.training;
  TrainSettings settings;
  settings.dataset = dataset.name;
  settings.trainImages = dataset.train->count();
  settings.epochs = options.epochs.value_or(defaults.epochs);
  settings.batch = options.batch.value_or(defaults.batch);
  settings.learningRate = options.learningRate.value_or(defaults.learningRate);
  settings.augment = !options.noAugment &&
                     (defaults.pad > 0 || defaults.flip || defaults.crop);
  settings.randomLabels = options.randomLabels || defaults.randomLabels;
  settings.seed = seed;
  return settings;
}

/// The checkpoint's settings; only the number of epochs may be changed, since
/// all others decide the numbers of what has been trained already.
TrainSettings TrainCommand::resumedSettings(const Checkpoint &checkpoint,
                                            const fs::path &path) const {
  TrainSettings settings = checkpoint.settings;
  auto check = [&](const char *option, auto given, auto stored) {
    if (given != stored)
      fail("{}: {} is {}, but the run was begun with {}: expected the same; "
           "leave {} out, or begin another run in another --out",
           path.string(), option, given, stored, option);
  };
  check("--batch", options.batch.value_or(settings.batch), settings.batch);
  check("--lr", options.learningRate.value_or(settings.learningRate),
        settings.learningRate);
  check("--seed", options.seed.value_or(settings.seed), settings.seed);
  check("--dataset", dataset.name, settings.dataset);
  if (dataset.train->count() != settings.trainImages)
    fail("{}: the training set has {} images, but the run was begun with {}: "
         "expected the same; give the --data and --limit-train that it was "
         "begun with, and compile with the same fraction",
         path.string(), dataset.train->count(), settings.trainImages);
  if (options.noAugment && settings.augment)
    fail("{}: --no-augment is given, but the run was begun with augmentation: "
         "expected the same; leave it out, or begin another run in another "
         "--out",
         path.string());
  if ((options.randomLabels || circuit.training.randomLabels) &&
      !settings.randomLabels)
    fail("{}: {}, but the run was begun with the true ones: expected the same; "
         "{}, or begin another run in another --out",
         path.string(),
         options.randomLabels ? "--random-labels is given"
                              : "the circuit says that labels are random",
         options.randomLabels ? "leave it out"
                              : "compile it with random_labels = false");
  settings.epochs = options.epochs.value_or(settings.epochs);
  if (settings.epochs < checkpoint.state.epoch)
    fail("{}: {} epochs are done already: expected --epochs {} or more",
         path.string(), checkpoint.state.epoch, checkpoint.state.epoch);
  return settings;
}

/// A file of weights that does not fit is told before any folder is touched.
/// Runs that go on have weights of their own.
void TrainCommand::checkWeights(const std::vector<Run> &runs) const {
  if (options.weights.empty() || std::ranges::all_of(runs, &Run::resuming))
    return;
  Model model(circuit);
  readModel(model, circuit, TensorReader(options.weights),
            /*withMomenta=*/false);
}

/// What fits may still compute something else, as with another activation.
void TrainCommand::checkCircuit(const Checkpoint &checkpoint,
                                const RunFolder &folder) const {
  if (checkpoint.sameCircuit())
    return;
  std::string path = folder.checkpoint().string();
  if (checkpoint.sameComputation.has_value())
    fail("{}: was written by a circuit that computes something else: expected "
         "the one that the run was begun with; compile that from {}, or begin "
         "another run in another --out, with --weights {}",
         path, folder.source().string(), path);
  note(context, fmt::format("{}: was written by a circuit with another source; "
                            "going on with this one's",
                            path));
}

/// Reads how and where a run begins, or where it goes on.
void TrainCommand::findPlace(Run &run) const {
  run.settings = freshSettings(run.seed);
  if (!run.resuming)
    return;
  Model model(circuit);
  Checkpoint checkpoint =
      readCheckpoint(run.folder.checkpoint(), model, circuit);
  checkCircuit(checkpoint, run.folder);
  run.settings = resumedSettings(checkpoint, run.folder.checkpoint());
  run.place = {checkpoint.state.epoch, checkpoint.state.step};
}

/// Seeds that begin beside others that go on are of the same experiment: they
/// are trained as those were begun, whatever is not given again.
void TrainCommand::settleNewRuns(std::vector<Run> &runs) const {
  auto resumed = std::ranges::find_if(runs, &Run::resuming);
  if (resumed == runs.end())
    return;
  for (Run &run : runs) {
    if (run.resuming)
      continue;
    run.settings = resumed->settings;
    run.settings.seed = run.seed;
  }
}

void TrainCommand::checkBatch(int64_t batch) const {
  checkBatchSize(batch);
  if (batch > dataset.train->count())
    fail("--batch {}: the training set '{}' has {} images: expected at most "
         "as many; choose a smaller --batch",
         batch, dataset.name, dataset.train->count());
}

//===----------------------------------------------------------------------===//
// Doing it
//===----------------------------------------------------------------------===//

/// What a run's summary says; nothing if it has none that can be read.
static nlohmann::json readSummary(const RunFolder &folder) {
  std::error_code ignored;
  if (!fs::exists(folder.summary(), ignored))
    return nlohmann::json::object();
  nlohmann::json parsed =
      nlohmann::json::parse(readTextFile(folder.summary()), nullptr, false);
  return parsed.is_object() ? parsed : nlohmann::json::object();
}

/// A number of a summary, or 0.
static double numberOf(const nlohmann::json &summary, const char *key) {
  auto found = summary.find(key);
  return found != summary.end() && found->is_number() ? found->get<double>()
                                                      : 0;
}

/// Whether a summary says `true`; whatever else it says is no promise.
static bool saysTrue(const nlohmann::json &summary, const char *key) {
  auto found = summary.find(key);
  return found != summary.end() && found->is_boolean() && found->get<bool>();
}

/// Measures a network of a group, or one that is complete. False if a signal
/// has stopped it.
bool TrainCommand::analyzeTrainee(Trainee &trainee) {
  int64_t epoch = trainee.state.epoch;
  AnalysisFolder folder = trainee.folder.analysisAt(epoch);
  if (folder.isComplete())
    return true;
  folder.create();
  AnalysisLabels labels;
  labels.run = trainee.folder.name();
  labels.seed = trainee.settings.seed;
  labels.epoch = epoch;
  labels.take(dataset);
  AnalysisSettings settings = options.analysis;
  settings.batch = trainee.settings.batch;
  device.executor->setNetworks(1);
  return recordAnalysis(folder, circuit, *device.executor, trainee.model,
                        *dataset.test, settings, options.saved, labels,
                        progress)
      .has_value();
}

/// Makes up for what a complete run lacks, since it was stopped between its
/// last checkpoint and its end, or since more is asked for than was then.
void TrainCommand::finishComplete(const Run &run) {
  Trainee trainee = begin(run);
  int64_t epoch = run.place.epoch;
  std::error_code ignored;
  if (limits.keep.contains(epoch) &&
      !fs::exists(run.folder.kept(epoch), ignored))
    writeCheckpoint(run.folder.kept(epoch), trainee.model, circuit,
                    trainee.settings, trainee.state);
  if (limits.wantsMeasured(run.place) && !analyzeTrainee(trainee))
    return; // a signal came: it is not complete yet
  nlohmann::json summary = readSummary(run.folder);
  if (saysTrue(summary, "complete"))
    return;
  writeSummary(trainee, circuit, *device.executor, dataset,
               {trainee.seconds, numberOf(summary, "images_per_second")});
}

/// Whether a run was trained to its end. Then it gets what it lacks.
bool TrainCommand::finishIfComplete(const Run &run) {
  if (!run.resuming || run.place.epoch < run.settings.epochs)
    return false;
  finishComplete(run);
  progress.line(fmt::format(
      "{}: is complete after {}; train longer with --epochs",
      run.folder.path().string(), counted(run.settings.epochs, "epoch")));
  return true;
}

/// Takes the runs that are trained next, side by side: those that train like
/// the first one, and as many of them as the device has room for.
std::vector<Run> TrainCommand::takeGroup(std::vector<Run> &runs) {
  TrainSettings settings = runs.front().settings;
  auto alike = [&](const Run &run) {
    return trainAlike(run.settings, settings);
  };
  // No more than whose images an I32 can tell apart.
  int64_t wanted = std::min<int64_t>(std::ranges::count_if(runs, alike),
                                     INT32_MAX / settings.batch);
  // The data set comes before the second network, but after the first.
  device.executor->setNetworks(1);
  for (std::string_view function : trainingFunctions)
    device.executor->reserve(function, settings.batch);
  lacksRoom =
      makeResident(*device.executor, circuit, dataset, settings).lacksRoom;
  NetworkFit fit = device.executor->fitNetworks(wanted, settings.batch);
  // Once, not of each group that is left.
  if (!fit.limit.empty() && !std::exchange(limitTold, true))
    note(context, fmt::format("{} of {} networks are trained side by side, "
                              "since no more fit: {}",
                              fit.networks, wanted, fit.limit));
  std::vector<Run> group, rest;
  for (Run &run : runs)
    (alike(run) && std::ssize(group) < fit.networks ? group : rest)
        .push_back(std::move(run));
  runs = std::move(rest);
  return group;
}

/// A network as its checkpoint has it, or as training begins.
Trainee TrainCommand::begin(const Run &run) const {
  Trainee trainee{several ? fmt::format("seed {}", run.seed) : "",
                  run.settings,
                  run.folder,
                  Model(circuit),
                  TrainState(),
                  MetricsTable(run.folder.name(), run.settings.seed)};
  if (!run.resuming) {
    if (!options.weights.empty())
      readModel(trainee.model, circuit, TensorReader(options.weights),
                /*withMomenta=*/false);
    else
      initializeModel(trainee.model, circuit, run.seed);
    return trainee;
  }
  trainee.state =
      readCheckpoint(run.folder.checkpoint(), trainee.model, circuit).state;
  trainee.seconds = numberOf(readSummary(run.folder), "seconds");
  std::error_code ignored;
  if (fs::exists(run.folder.metrics(), ignored))
    trainee.metrics.readUpTo(run.folder.metrics(), trainee.state.epoch);
  return trainee;
}

/// "seed 3", "seeds 0, 1, 3 side by side"
static std::string seedsOf(const std::vector<Run> &group) {
  if (group.size() == 1)
    return fmt::format("seed {}", group.front().settings.seed);
  std::vector<uint64_t> seeds;
  for (const Run &run : group)
    seeds.push_back(run.settings.seed);
  return fmt::format("seeds {} side by side", fmt::join(seeds, ", "));
}

/// Says what is going to be trained, how and where.
void TrainCommand::announce(const std::vector<Run> &group) {
  const Run &first = group.front();
  const TrainSettings &settings = first.settings;
  bool resuming = std::ranges::any_of(group, &Run::resuming);
  progress.line(fmt::format(
      "{} '{}' on {} ({} training, {} test images{}): {} parameters, {}",
      resuming ? "resuming" : "training", circuit.name, dataset.name,
      dataset.train->count(), dataset.test->count(),
      settings.randomLabels ? ", random labels" : "",
      circuit.parameters.count(), seedsOf(group)));
  progress.line(fmt::format(
      "{} of {}, batch {}, {}, in {}", counted(settings.epochs, "epoch"),
      counted(dataset.train->count() / settings.batch, "step"), settings.batch,
      device.executor->description(),
      group.size() == 1 ? first.folder.path().string() : options.out));
  if (!device.note.empty())
    progress.line(device.note);
  if (lacksRoom)
    progress.line("the training images do not fit in the device's memory: each "
                  "batch is sent there");
  for (auto [option, epochs] : {std::pair("--keep", &limits.keep),
                                std::pair("--analyze-at", &limits.measureAt)})
    if (!epochs->empty() && *epochs->rbegin() > settings.epochs)
      progress.line(fmt::format("{} {}: the training ends after {}", option,
                                *epochs->rbegin(),
                                counted(settings.epochs, "epoch")));
  if (!resuming)
    return;
  bool level = std::ranges::all_of(
      group, [&](const Run &run) { return run.place == first.place; });
  for (const Run &run : group) {
    progress.line(
        fmt::format("{}from epoch {}, step {}",
                    level ? "" : fmt::format("seed {} ", run.settings.seed),
                    run.place.epoch + 1, run.place.step + 1));
    if (level)
      break;
  }
}

TrainOutcome TrainCommand::trainGroup(const std::vector<Run> &group) {
  std::vector<Trainee> trainees;
  for (const Run &run : group)
    trainees.push_back(begin(run));
  // Too little memory is told before a run that is there is removed.
  device.executor->setNetworks(std::ssize(group));
  for (std::string_view function : trainingFunctions)
    device.executor->reserve(function, group.front().settings.batch);
  std::vector<Trainee *> networks;
  for (size_t i = 0; i < group.size(); ++i) {
    if (!group[i].resuming)
      group[i].folder.clear();
    writeTextFile(group[i].folder.source(), circuit.source);
    trainees[i].metrics.write(group[i].folder.metrics());
    networks.push_back(&trainees[i]);
  }
  announce(group);
  TrainOutcome outcome = trainSideBySide(circuit, *device.executor, dataset,
                                         networks, limits, progress);
  for (const Trainee &trainee : trainees)
    if (!trainee.failure.empty())
      failures.push_back(trainee.failure);
  if (outcome == TrainOutcome::Interrupted) {
    tellInterrupted(context, trainees);
    return outcome;
  }
  drawAccuracy(progress, trainees);
  for (const Trainee &trainee : trainees)
    if (trainee.failure.empty())
      tellEnd(progress, trainee, limits);
  return outcome;
}

/// Throws if networks have failed.
void TrainCommand::checkFailures() const {
  if (failures.empty())
    return;
  if (!several)
    fail("{}", failures.front());
  fail("{} could not be trained to the end:\n  {}",
       counted(std::ssize(failures), "network"), fmt::join(failures, "\n  "));
}

int TrainCommand::run() {
  ignoreClosedPipes();
  checkOptions();
  std::vector<Run> runs = planRuns();
  several = runs.size() > 1;
  limits.maxSteps = options.maxSteps.value_or(limits.maxSteps);
  limits.keep = parseEpochs("--keep", options.keep);
  limits.measureAt = parseEpochs("--analyze-at", options.analyzeAt);
  if (!limits.measureAt.empty()) {
    limits.measure = [this](Trainee &trainee) {
      return analyzeTrainee(trainee);
    };
  }
  device = openDevice(options.device, circuit);
  lockFolders(runs);
  findCheckpoints(runs);
  checkFolders(runs);
  loadData();
  checkWeights(runs);
  for (Run &run : runs)
    findPlace(run);
  settleNewRuns(runs);
  for (const Run &run : runs)
    checkBatch(run.settings.batch);
  // Of all seeds, before the first of them takes hours.
  for (Run &run : runs)
    createFolder(run);
  installInterruptHandler();
  std::erase_if(runs, [&](const Run &run) { return finishIfComplete(run); });
  if (interrupted())
    return ExitInterrupted;
  while (!runs.empty())
    if (trainGroup(takeGroup(runs)) == TrainOutcome::Interrupted)
      return ExitInterrupted;
  checkFailures();
  return ExitSuccess;
}

void dale::runtime::addTrainCommand(CLI::App &app, Context &context) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App *command = app.add_subcommand(
      "train", "Train on a data set; write checkpoints and metrics");
  options->addTo(*command, context);
  command->footer(fmt::format(
      "\nSIGINT (Ctrl-C) and SIGTERM finish the current step (on a GPU, those "
      "of about a tenth of a second), write a checkpoint and return 130.\n\n"
      "Examples:\n"
      "  {0} train --data cifar-10-batches-bin --out run\n"
      "  {0} train --data cifar-10-batches-bin --out run --resume\n"
      "  {0} train --data cifar-10-batches-bin --epochs 5 --seeds 0..4 "
      "--out five",
      context.program));
  command->callback([options, &context] {
    context.exitCode = TrainCommand(context, *options).run();
  });
}
