//===- AnalyzeCommand.cpp - The command 'analyze' -------------------------===//
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
#include "runtime/cli/WholeNumber.h"
#include "runtime/train/Checkpoint.h"
#include "runtime/train/FolderLock.h"
#include "runtime/train/Interrupt.h"
#include "runtime/train/ModelFile.h"
#include "runtime/train/RunFolder.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

using namespace dale::runtime;
namespace fs = std::filesystem;

namespace {
/// What was given; what was not comes from the checkpoint or the circuit.
struct AnalyzeOptions {
  std::string checkpoint, data, dataset, out;
  std::optional<int64_t> limitTest, epoch;
  std::optional<uint64_t> seed;
  bool force = false;
  SavedTensors saved;
  AnalysisSettings settings;
  DeviceOptions device;
};

class AnalyzeCommand {
public:
  AnalyzeCommand(const Context &context, const AnalyzeOptions &options)
      : circuit(context.circuit), context(context), options(options),
        folder(options.out.empty() ? folderOf(options.checkpoint)
                                   : fs::path(options.out)),
        model(circuit) {}

  int run();

private:
  static fs::path folderOf(const fs::path &file) {
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
  }

  void checkOptions() const;
  void loadModel();
  void loadData();
  void tell(const Analysis &analysis, Progress &progress) const;

  const Circuit &circuit;
  const Context &context;
  const AnalyzeOptions &options;
  const AnalysisFolder folder;
  FolderLock lock;
  Model model;
  Dataset dataset;
  AnalysisLabels labels;
};
} // namespace

//===----------------------------------------------------------------------===//
// What to do, and whether it can be done
//===----------------------------------------------------------------------===//

void AnalyzeCommand::checkOptions() const {
  checkBatchSize(options.settings.batch);
  if (options.limitTest)
    checkPositive("--limit-test", *options.limitTest);
  if (options.epoch && *options.epoch < 0)
    failUsage("--epoch {}: expected 0 or more", *options.epoch);
  checkThreshold(options.settings);
  if (!options.dataset.empty())
    checkDatasetName(options.dataset);
  if (folder.holdsAnalysis() && !options.force)
    fail("{}: holds an analysis already; replace it by --force, or choose "
         "another --out",
         folder.path().string());
}

/// Reads a checkpoint with its seed and epoch, or weights without them.
void AnalyzeCommand::loadModel() {
  fs::path path = options.checkpoint;
  TensorReader file(path);
  if (file.metadata().contains("format")) {
    Checkpoint checkpoint = readCheckpoint(path, model, circuit);
    labels.seed = checkpoint.settings.seed;
    labels.epoch = checkpoint.state.epoch;
    if (!checkpoint.sameCircuit())
      note(context,
           fmt::format("{}: was written by a circuit with another source; "
                       "analyzing it with this one's",
                       path.string()));
  } else {
    readModel(model, circuit, file, /*withMomenta=*/false);
  }
  labels.checkpoint = path.filename().string();
  labels.run = RunFolder(folder.path()).name();
  labels.seed = options.seed.value_or(labels.seed);
  labels.epoch = options.epoch.value_or(labels.epoch);
}

void AnalyzeCommand::loadData() {
  dataset = loadDataFor(context, options.data, options.dataset);
  dataset.test->truncate(options.limitTest.value_or(dataset.test->count()));
  labels.take(dataset);
}

//===----------------------------------------------------------------------===//
// Doing it
//===----------------------------------------------------------------------===//

static std::string orDash(std::optional<double> value) {
  return value ? fmt::format("{:.3f}", *value) : "-";
}

/// Prints the means of every population, the accuracy, and the two differences.
void AnalyzeCommand::tell(const Analysis &analysis, Progress &progress) const {
  std::vector<PopulationSummary> populations = summarize(analysis);
  size_t width = 10;
  for (const PopulationSummary &population : populations)
    width = std::max(width,
                     population.area.size() + population.population.size() + 1);
  progress.line(fmt::format("{:<{}}{:>8}{:>8}{:>8}{:>22}{:>16}", "population",
                            width, "units", "silent", "gOSI",
                            "orientation skewness", "image skewness"));
  for (const PopulationSummary &population : populations)
    progress.line(fmt::format("{:<{}}{:>8}{:>8}{:>8}{:>22}{:>16}",
                              population.area + "." + population.population,
                              width, population.units, population.silent,
                              orDash(population.gosi.mean()),
                              orDash(population.orientationSkewness.mean()),
                              orDash(population.imageSkewness.mean())));
  Differences differences =
      meanDifferences(differencesByArea(circuit, analysis));
  if (std::optional<double> accuracy = analysis.confusion.accuracy())
    progress.line(fmt::format("test accuracy {:.2f} %", 100 * *accuracy));
  progress.line(fmt::format(
      "image skewness, principal less interneurons: {}; density, interneurons "
      "to principal less among principal: {}",
      orDash(differences.imageSkewness), orDash(differences.density)));
}

int AnalyzeCommand::run() {
  ignoreClosedPipes();
  lock.take(folder.path());
  checkOptions();
  OpenDevice device = openDevice(options.device, circuit);
  loadModel();
  loadData();
  folder.create();
  lock.take(folder.path());

  Progress progress(stdout, Progress::detect(stdout));
  progress.line(fmt::format(
      "analyzing '{}', seed {}, epoch {}, with {} gratings and {} test images "
      "of {}, on {}",
      circuit.name, labels.seed, labels.epoch, Grating::count,
      labels.testImages, labels.dataset, device.executor->description()));
  if (!device.note.empty())
    progress.line(device.note);
  installInterruptHandler();
  std::optional<Analysis> analysis =
      recordAnalysis(folder, circuit, *device.executor, model, *dataset.test,
                     options.settings, options.saved, labels, progress);
  if (!analysis) {
    progress.line("interrupted: nothing is written");
    return ExitInterrupted;
  }
  tell(*analysis, progress);
  progress.line(fmt::format(
      "wrote {} and {}{}", folder.table().string(),
      folder.summary().filename().string(),
      options.saved.any() ? ", and " + folder.tensors().filename().string()
                          : ""));
  return ExitSuccess;
}

/// Which network, with which images, and where the results go.
static void addFiles(CLI::App &command, AnalyzeOptions &options,
                     const TrainingDefaults &defaults) {
  command
      .add_option("--checkpoint", options.checkpoint,
                  "What 'train' has written, or other parameters and moving "
                  "averages (safetensors)")
      ->type_name("FILE")
      ->required();
  command
      .add_option("--data", options.data,
                  "Folder with the data set, as of 'train'")
      ->type_name("DIR");
  addDatasetOption(command, options.dataset, defaults);
  command
      .add_option("--out", options.out,
                  "Folder of the run (default: that of the checkpoint): "
                  "analysis.csv, analysis.json")
      ->type_name("RUN");
  addSaveResponsesOption(command, options.saved);
  command.add_flag("--save-kernels", options.saved.kernels,
                   "Write the kernel of every projection, as it is applied, "
                   "to analysis.safetensors");
  command.add_flag("--force", options.force,
                   "Replace an analysis that is in RUN already");
}

/// How it is measured.
static void addMeasurement(CLI::App &command, AnalyzeOptions &options,
                           const TrainingDefaults &defaults) {
  addDensityOptions(command, options.settings);
  command
      .add_option("--limit-test", options.limitTest,
                  "Use the first N test images only")
      ->type_name("N")
      ->check(WholeNumber());
  command
      .add_option("--batch", options.settings.batch,
                  fmt::format("Images at a time (default: {}); the results do "
                              "not depend on it",
                              defaults.batch))
      ->type_name("N")
      ->check(WholeNumber());
}

/// What the results say of the network.
static void addLabels(CLI::App &command, AnalyzeOptions &options) {
  command
      .add_option("--seed", options.seed,
                  "What the column 'seed' says (default: the checkpoint's, or "
                  "0)")
      ->type_name("N")
      ->check(WholeNumber<uint64_t>());
  command
      .add_option("--epoch", options.epoch,
                  "What the column 'epoch' says (default: the checkpoint's, "
                  "or 0)")
      ->type_name("N")
      ->check(WholeNumber());
}

void dale::runtime::addAnalyzeCommand(CLI::App &app, Context &context) {
  auto options = std::make_shared<AnalyzeOptions>();
  const TrainingDefaults &defaults = context.circuit.training;
  options->settings.batch = defaults.batch;
  CLI::App *command = app.add_subcommand(
      "analyze", "Measure tuning, selectivity and connection density");
  addFiles(*command, *options, defaults);
  addMeasurement(*command, *options, defaults);
  addLabels(*command, *options);
  addDeviceOptions(*command, options->device);
  command->footer(fmt::format(
      "\nAn interruption (Ctrl-C) writes nothing and returns 130.\n\n"
      "Examples:\n"
      "  {0} analyze --checkpoint run/checkpoint.safetensors --data "
      "cifar-10-batches-bin\n"
      "  {0} analyze --checkpoint run/epoch-10.safetensors --data "
      "cifar-10-batches-bin --out run/epoch-10 --save-responses",
      context.program));
  command->callback([options, &context] {
    context.exitCode = AnalyzeCommand(context, *options).run();
  });
}
