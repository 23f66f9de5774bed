//===- TrainCommand.cpp - The command 'train' -----------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Error.h"
#include "runtime/cli/Common.h"
#include "runtime/cli/Program.h"
#include "runtime/data/Dataset.h"
#include "runtime/io/AtomicFile.h"
#include "runtime/train/Curve.h"
#include "runtime/train/InitialWeights.h"
#include "runtime/train/Interrupt.h"
#include "runtime/train/Trainer.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <memory>
#include <optional>

using namespace dale::runtime;
namespace fs = std::filesystem;

namespace {
/// What was given; what was not comes from the circuit, or on resuming from
/// the checkpoint.
struct TrainOptions {
  std::string data, dataset, out, weights, seeds, keep;
  std::optional<int64_t> epochs, batch, maxSteps, limitTrain, limitTest;
  std::optional<double> learningRate;
  std::optional<uint64_t> seed;
  bool resume = false, force = false;
  bool noAugment = false, randomLabels = false;
  DeviceOptions device;
};

/// One network to train.
struct Run {
  uint64_t seed;
  RunFolder folder;
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
  void checkFolders(const std::vector<Run> &runs) const;
  void loadData();
  TrainSettings freshSettings(uint64_t seed) const;
  TrainSettings resumedSettings(const Checkpoint &checkpoint,
                                const fs::path &path) const;
  void checkBatch(int64_t batch) const;
  TrainOutcome trainOne(const Run &run);
  std::string resumeCommand() const;

  const Circuit &circuit;
  const Context &context;
  const TrainOptions &options;
  Progress progress;
  OpenDevice device;
  Dataset dataset;
};
} // namespace

//===----------------------------------------------------------------------===//
// What to do, and whether it can be done
//===----------------------------------------------------------------------===//

void TrainCommand::checkOptions() const {
  if (options.epochs)
    checkPositive("--epochs", *options.epochs);
  if (options.batch)
    checkPositive("--batch", *options.batch);
  if (options.maxSteps)
    checkPositive("--max-steps", *options.maxSteps);
  if (options.limitTrain)
    checkPositive("--limit-train", *options.limitTrain);
  if (options.limitTest)
    checkPositive("--limit-test", *options.limitTest);
  if (options.learningRate)
    checkLearningRate(*options.learningRate);
  if (!options.dataset.empty())
    checkDatasetName(options.dataset);
  if (options.resume && !options.weights.empty())
    failUsage(
        "--weights with --resume: a resumed run has its weights: expected "
        "one of the two");
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

void TrainCommand::checkFolders(const std::vector<Run> &runs) const {
  bool any = false;
  for (const Run &run : runs) {
    std::error_code ignored;
    any |= fs::exists(run.folder.checkpoint(), ignored);
    if (run.folder.holdsRun() && !options.resume && !options.force)
      fail("{}: holds a training run already; go on with it by --resume, "
           "begin anew by --force (which removes it), or choose another --out",
           run.folder.path().string());
  }
  if (options.resume && !any)
    fail("{}: has no checkpoint to resume from: expected {}; leave --resume "
         "out to begin a run, or correct --out",
         options.out, runs.front().folder.checkpoint().string());
}

/// A fraction of `count`, rounded up; 0.07 of 100 is 7, though 0.07 * 100 is
/// more.
static int64_t partOf(int64_t count, double fraction) {
  double part = fraction * static_cast<double>(count);
  return std::max<int64_t>(1, std::llround(std::ceil(part - 1e-6)));
}

void TrainCommand::loadData() {
  ImageFit fit{{circuit.height, circuit.width}, circuit.resize};
  dataset =
      loadDataset(options.data, options.dataset, circuit.training.dataset, fit);
  for (const std::string &note : dataset.notes)
    fmt::print(stderr, "{}: note: {}\n", context.program, note);
  checkDataset(dataset, circuit);
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

void TrainCommand::checkBatch(int64_t batch) const {
  if (batch > dataset.train->count())
    fail("--batch {}: the training set '{}' has {} images: expected at most "
         "as many; choose a smaller --batch",
         batch, dataset.name, dataset.train->count());
}

//===----------------------------------------------------------------------===//
// Doing it
//===----------------------------------------------------------------------===//

/// "1 epoch", "2 epochs"
static std::string counted(int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// The seconds that a summary says were spent, or 0.
static double secondsSpent(const fs::path &summary) {
  std::error_code ignored;
  if (!fs::exists(summary, ignored))
    return 0;
  nlohmann::json parsed =
      nlohmann::json::parse(readTextFile(summary), nullptr, false);
  if (!parsed.is_object() || !parsed.contains("seconds") ||
      !parsed["seconds"].is_number())
    return 0;
  return parsed["seconds"];
}

TrainOutcome TrainCommand::trainOne(const Run &run) {
  Model model(circuit);
  TrainState state;
  TrainSettings settings = freshSettings(run.seed);
  TrainLimits limits;
  if (options.maxSteps)
    limits.maxSteps = *options.maxSteps;
  if (!options.keep.empty())
    for (uint64_t epoch : parseNumberList("--keep", options.keep))
      limits.keep.insert(static_cast<int64_t>(epoch));

  std::error_code ignored;
  bool resuming =
      options.resume && fs::exists(run.folder.checkpoint(), ignored);
  if (resuming) {
    Checkpoint checkpoint =
        readCheckpoint(run.folder.checkpoint(), model, circuit);
    settings = resumedSettings(checkpoint, run.folder.checkpoint());
    state = checkpoint.state;
    limits.secondsBefore = secondsSpent(run.folder.summary());
    if (!checkpoint.sameSource)
      fmt::print(stderr,
                 "{}: note: {}: was written by a circuit with another source; "
                 "going on with this one's\n",
                 context.program, run.folder.checkpoint().string());
  } else if (!options.weights.empty()) {
    readModel(model, circuit, TensorReader(options.weights),
              /*withMomenta=*/false);
  } else {
    initializeModel(model, circuit, run.seed);
  }

  MetricsTable metrics(run.folder.name(), settings.seed);
  if (resuming && fs::exists(run.folder.metrics(), ignored))
    metrics.readUpTo(run.folder.metrics(), state.epoch);
  Trainer trainer(circuit, *device.executor, dataset, settings, limits,
                  run.folder, progress);
  if (resuming && state.epoch >= settings.epochs) {
    progress.line(fmt::format(
        "{}: is complete after {}; train longer with --epochs",
        run.folder.path().string(), counted(settings.epochs, "epoch")));
    return TrainOutcome::Finished;
  }

  if (!resuming)
    run.folder.clear();
  writeTextFile(run.folder.source(), circuit.source);
  metrics.write(run.folder.metrics());
  progress.line(fmt::format(
      "{} '{}' on {} ({} training, {} test images{}): {} parameters, seed {}",
      resuming ? "resuming" : "training", circuit.name, dataset.name,
      dataset.train->count(), dataset.test->count(),
      settings.randomLabels ? ", random labels" : "",
      circuit.parameters.count(), settings.seed));
  progress.line(fmt::format(
      "{} of {}, batch {}, {}, in {}", counted(settings.epochs, "epoch"),
      counted(trainer.stepsPerEpoch(), "step"), settings.batch,
      device.executor->description(), run.folder.path().string()));
  if (!device.note.empty())
    progress.line(device.note);
  if (trainer.lacksRoom())
    progress.line("the training images do not fit in the device's memory: each "
                  "batch is sent there");
  if (resuming)
    progress.line(
        fmt::format("from epoch {}, step {}", state.epoch + 1, state.step + 1));

  TrainOutcome outcome = trainer.run(model, state, metrics);
  auto accuracy = metrics.series("test_accuracy");
  if (outcome == TrainOutcome::Finished && accuracy.size() > 1)
    progress.line("\ntest accuracy\n" +
                  drawCurve(accuracy, std::min(progress.columns() - 20, 60),
                            progress.unicode()));
  std::string where = fmt::format("epoch {}, step {}: {}", state.epoch + 1,
                                  state.step, run.folder.checkpoint().string());
  if (outcome == TrainOutcome::Finished)
    progress.line(
        fmt::format("test accuracy {:.2f} % after {}; wrote {}",
                    accuracy.empty() ? 0 : 100 * accuracy.back().second,
                    counted(state.epoch, "epoch"), run.folder.path().string()));
  else if (outcome == TrainOutcome::StepLimit)
    progress.line(fmt::format("stopped after {}, in {}; go on with --resume",
                              counted(*options.maxSteps, "step"), where));
  else
    fmt::print(stderr,
               "{}: interrupted; the checkpoint is written, {}; go on with:\n"
               "  {}\n",
               context.program, where, resumeCommand());
  return outcome;
}

/// The command line as it was, with --resume.
std::string TrainCommand::resumeCommand() const {
  std::string text = context.invocation;
  for (const std::string &argument : context.arguments) {
    // What began the run is known to its checkpoint.
    if (argument == "--force" || argument == "--resume")
      continue;
    bool plain = !argument.empty() &&
                 std::all_of(argument.begin(), argument.end(), [](char c) {
                   return std::isalnum(static_cast<unsigned char>(c)) ||
                          std::string_view("-_./=,:+@%").find(c) !=
                              std::string_view::npos;
                 });
    if (plain) {
      text += " " + argument;
      continue;
    }
    text += " '";
    for (char c : argument)
      text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += "'";
  }
  return text + " --resume";
}

int TrainCommand::run() {
  checkOptions();
  std::vector<Run> runs = planRuns();
  if (!options.keep.empty())
    parseNumberList("--keep", options.keep);
  device = openDevice(options.device, circuit);
  checkFolders(runs);
  loadData();
  if (!options.weights.empty()) {
    // A file that does not fit is told before any folder is touched.
    Model model(circuit);
    readModel(model, circuit, TensorReader(options.weights),
              /*withMomenta=*/false);
  }
  if (!options.resume)
    checkBatch(freshSettings(0).batch);
  // Of all seeds, before the first of them takes hours.
  for (const Run &run : runs)
    run.folder.create();
  installInterruptHandler();
  for (const Run &run : runs)
    if (trainOne(run) == TrainOutcome::Interrupted)
      return ExitInterrupted;
  return ExitSuccess;
}

void dale::runtime::addTrainCommand(CLI::App &app, Context &context) {
  auto options = std::make_shared<TrainOptions>();
  const TrainingDefaults &defaults = context.circuit.training;
  options->out = "runs/" + context.circuit.name;
  CLI::App *command = app.add_subcommand(
      "train", "Train on a data set; write checkpoints and metrics");
  command
      ->add_option("--data", options->data,
                   "Folder with the data set: CIFAR-10's binary files, "
                   "MNIST's or Fashion-MNIST's four files, or ImageNet's "
                   "folders train/CLASS and val/CLASS of JPEG and PNG files")
      ->type_name("DIR");
  command
      ->add_option("--dataset", options->dataset,
                   fmt::format("cifar10, fashion-mnist, imagenet or mnist "
                               "(default: what lies in DIR, or else {})",
                               defaults.dataset))
      ->type_name("NAME");
  command
      ->add_option("--epochs", options->epochs,
                   fmt::format("Passes through the training set (default: {})",
                               defaults.epochs))
      ->type_name("N");
  command
      ->add_option("--batch", options->batch,
                   fmt::format("Images a step (default: {}); images that do "
                               "not fill a last batch are left out of their "
                               "epoch",
                               defaults.batch))
      ->type_name("N");
  command
      ->add_option("--lr", options->learningRate,
                   fmt::format("Learning rate at the beginning (default: {}); "
                               "the circuit's schedule multiplies it",
                               defaults.learningRate))
      ->type_name("RATE");
  CLI::Option *seed =
      command
          ->add_option("--seed", options->seed,
                       fmt::format("Decides initial weights, order and "
                                   "augmentation (default: {})",
                                   defaults.seed))
          ->type_name("N");
  command
      ->add_option("--seeds", options->seeds,
                   "Train several networks one after the other, as 0..4 or "
                   "0,3,7, each in RUN/seed-N")
      ->type_name("LIST")
      ->excludes(seed);
  command
      ->add_option("--out", options->out,
                   fmt::format("Folder of the run (default: {}): "
                               "checkpoint.safetensors, metrics.csv, "
                               "summary.json, circuit.toml",
                               options->out))
      ->type_name("RUN");
  CLI::Option *resume =
      command->add_flag("--resume", options->resume,
                        "Go on from the checkpoint in RUN, bit for bit as if "
                        "the training had not stopped");
  command
      ->add_flag("--force", options->force,
                 "Remove a run that is in RUN already")
      ->excludes(resume);
  command
      ->add_option("--weights", options->weights,
                   "Start from these parameters and moving averages "
                   "(safetensors)")
      ->type_name("FILE");
  command
      ->add_option("--max-steps", options->maxSteps,
                   "Stop, with a checkpoint, after that many steps of the run")
      ->type_name("N");
  command
      ->add_option("--keep", options->keep,
                   "Keep the weights after these epochs, as 0,10,100, in "
                   "RUN/epoch-N.safetensors")
      ->type_name("LIST");
  command
      ->add_option("--limit-train", options->limitTrain,
                   fmt::format("Use the first N training images only "
                               "(default: {}); ImageNet's are in a random "
                               "order that is always the same",
                               defaults.fraction < 1
                                   ? fmt::format("{} of them, as the circuit "
                                                 "says",
                                                 defaults.fraction)
                                   : "all"))
      ->type_name("N");
  command
      ->add_option("--limit-test", options->limitTest,
                   "Use the first N test images only")
      ->type_name("N");
  command->add_flag("--no-augment", options->noAugment,
                    "Neither crop nor flip at random");
  command->add_flag("--random-labels", options->randomLabels,
                    "Give each training image a label at random, decided by "
                    "the seed; those of the test stay");
  addDeviceOptions(*command, options->device);
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
