//===- RunReader.cpp - Run folders are found and read ---------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Json.h"
#include "report/Run.h"

#include "runtime/Error.h"

#include <algorithm>
#include <map>
#include <set>

using namespace dale::report;
using dale::runtime::fail;
namespace fs = std::filesystem;

static const char *const mendTraining =
    "train the run again, or leave its folder out";
static const char *const mendAnalysis =
    "analyze the run again, or remove the file";
// A sweep writes what becomes of its runs anew; not what a run that is done was
// begun with, nor what decides whose runs they are.
static const char *const mendSweep = "run 'dale sweep' again";
static const char *const mendRecord =
    "restore the file, or leave its folder out";

//===----------------------------------------------------------------------===//
// Analyses
//===----------------------------------------------------------------------===//

static Population readPopulation(const JsonValue &entry) {
  Population population;
  population.area = entry.at("area").text();
  population.name = entry.at("population").text();
  population.principal = entry.at("principal").boolean();
  population.units = entry.at("units").count();
  population.silent = entry.at("silent").count();
  for (Measure measure : allMeasures) {
    JsonValue of = entry.at(keyOf(measure));
    if (std::optional<JsonValue> mean = of.find("mean"))
      population.means[measure] = mean->number();
    population.measured[measure] = of.at("units").count();
  }
  return population;
}

static Projection readProjection(const JsonValue &entry, int64_t bins) {
  Projection projection;
  projection.area = entry.at("area").text();
  projection.name = entry.at("name").text();
  if (std::optional<JsonValue> area = entry.find("source_area"))
    projection.sourceArea = area->text();
  projection.source = entry.at("source").text();
  projection.target = entry.at("target").text();
  projection.population = entry.at("population").text();
  projection.site = entry.at("site").text();
  projection.constraint = entry.at("constraint").text();
  projection.weights = entry.at("weights").count();
  projection.above = entry.at("above").count();
  projection.density = entry.at("density").number();
  JsonValue histogram = entry.at("histogram");
  projection.zero = histogram.at("zero").count();
  projection.belowBins = histogram.at("below").count();
  projection.aboveBins = histogram.at("above").count();
  JsonValue counts = histogram.at("counts");
  for (const JsonValue &count : counts.items())
    projection.counts.push_back(count.count());
  if (std::ssize(projection.counts) != bins)
    counts.failHere(fmt::format("{} counts, one for each bin", bins));
  return projection;
}

/// What the network answers to the test images.
static void readAnswers(const JsonValue &root, Analysis &analysis) {
  if (std::optional<JsonValue> accuracy = root.find("test_accuracy"))
    analysis.testAccuracy = accuracy->number();
  if (std::optional<JsonValue> rows = root.find("confusion"))
    for (const JsonValue &row : rows->items()) {
      std::vector<int64_t> counts;
      for (const JsonValue &count : row.items())
        counts.push_back(count.count());
      if (counts.size() != rows->items().size())
        row.failHere(
            fmt::format("{} counts, as there are rows", rows->items().size()));
      analysis.confusion.push_back(std::move(counts));
    }
  if (std::optional<JsonValue> names = root.find("class_names"))
    for (const JsonValue &name : names->items())
      analysis.classNames.push_back(name.text());
}

static Analysis readAnalysis(const fs::path &folder) {
  JsonValue root = JsonValue::read(folder / "analysis.json", mendAnalysis);
  Analysis analysis;
  analysis.folder = folder;
  analysis.epoch = root.at("epoch").integer();
  analysis.threshold = root.at("threshold").number();
  analysis.spatialAverage = root.at("spatial_average").boolean();
  readAnswers(root, analysis);
  JsonValue histogram = root.at("histogram");
  analysis.binsFrom = histogram.at("from").number();
  analysis.binWidth = histogram.at("width").number();
  int64_t bins = histogram.at("bins").count();
  for (const JsonValue &entry : root.at("populations").items())
    analysis.populations.push_back(readPopulation(entry));
  for (const JsonValue &entry : root.at("projections").items())
    analysis.projections.push_back(readProjection(entry, bins));
  JsonValue differences = root.at("differences");
  if (std::optional<JsonValue> value = differences.find("image_skewness"))
    analysis.imageSkewnessDifference = value->number();
  if (std::optional<JsonValue> value = differences.find("density"))
    analysis.densityDifference = value->number();
  return analysis;
}

/// Of the run, and those that training made at chosen epochs. Where two are of
/// one epoch, that of the run itself counts: it was asked for by name.
static std::map<int64_t, Analysis> readAnalyses(const fs::path &run) {
  std::map<int64_t, Analysis> analyses;
  auto add = [&](const fs::path &folder) {
    if (!fs::exists(folder / "analysis.json"))
      return;
    Analysis analysis = readAnalysis(folder);
    int64_t epoch = analysis.epoch;
    analyses.emplace(epoch, std::move(analysis));
  };
  add(run);
  std::vector<fs::path> folders;
  if (fs::is_directory(run / "analysis"))
    for (const fs::directory_entry &entry :
         fs::directory_iterator(run / "analysis"))
      if (entry.path().filename().string().starts_with("epoch-"))
        folders.push_back(entry.path());
  std::ranges::sort(folders);
  for (const fs::path &folder : folders)
    add(folder);
  return analyses;
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

static void readSummary(const fs::path &file, Run &run) {
  JsonValue root = JsonValue::read(file, mendTraining);
  run.circuit = run.condition = root.at("circuit").text();
  run.dataset = root.at("dataset").text();
  run.seed = root.at("seed").integer();
  run.epochs = root.at("epochs").count();
  run.epochsDone = root.at("epochs_done").count();
  run.complete = root.at("complete").boolean();
  if (std::optional<JsonValue> accuracy = root.find("test_accuracy"))
    run.testAccuracy = accuracy->number();
}

/// What a sweep says of a run.
static void readRunFile(const fs::path &file, Run &run) {
  JsonValue root = JsonValue::read(file, mendRecord);
  run.experiment = root.at("experiment").text();
  run.circuit = run.condition = root.at("condition").text();
  run.seed = root.at("seed").integer();
  if (std::optional<JsonValue> grid = root.find("grid"))
    for (const auto &[path, value] : grid->entries())
      run.grid.emplace_back(path, value.scalar());
  // CONDITION,PN=8,IG=4
  size_t end = run.circuit.find('=');
  if (!run.grid.empty() && end != run.circuit.npos) {
    size_t comma = run.circuit.rfind(',', end);
    run.circuit = comma == run.circuit.npos ? "" : run.circuit.substr(0, comma);
  }
}

static Run readRun(const fs::path &folder) {
  Run run;
  run.folder = folder;
  readSummary(folder / "summary.json", run);
  if (fs::exists(folder / "run.json"))
    readRunFile(folder / "run.json", run);
  if (fs::exists(folder / "metrics.csv"))
    for (const Measurement &row :
         readMeasurements(folder / "metrics.csv", mendTraining))
      if (row.area.empty())
        run.curves[row.metric].emplace_back(row.epoch, row.value);
  run.analyses = readAnalyses(folder);
  return run;
}

static void findRuns(const fs::path &folder, std::vector<fs::path> &found) {
  if (fs::exists(folder / "summary.json")) {
    found.push_back(folder);
    return;
  }
  std::vector<fs::path> inside;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder))
    if (entry.is_directory())
      inside.push_back(entry.path());
  std::ranges::sort(inside);
  for (const fs::path &each : inside)
    findRuns(each, found);
}

//===----------------------------------------------------------------------===//
// Experiments
//===----------------------------------------------------------------------===//

static Experiment readExperiment(const fs::path &folder) {
  JsonValue root = JsonValue::read(folder / "experiment.json", mendRecord);
  Experiment experiment;
  experiment.name = root.at("name").text();
  std::optional<JsonValue> title = root.find("title");
  experiment.title = title ? title->text() : experiment.name;
  if (std::optional<JsonValue> figures = root.find("figures"))
    for (const JsonValue &figure : figures->items())
      experiment.figures.push_back(figure.text());
  if (std::optional<JsonValue> conditions = root.find("conditions"))
    for (const JsonValue &condition : conditions->items())
      experiment.conditions.push_back(condition.at("name").text());
  if (!fs::exists(folder / "sweep.json"))
    return experiment;
  JsonValue sweep = JsonValue::read(folder / "sweep.json", mendSweep);
  for (const JsonValue &run : sweep.at("runs").items()) {
    std::string state = run.at("state").text();
    if (state == "done")
      continue;
    std::optional<JsonValue> reason = run.find("reason");
    experiment.unfinished.push_back(
        fmt::format("{} is {}{}", run.at("folder").text(), state,
                    reason ? ": " + reason->text() : ""));
  }
  return experiment;
}

/// The sweep folder of a run: OUT of OUT/runs/CONDITION/seed-N.
static std::optional<fs::path> sweepOf(const Run &run) {
  if (!run.experiment)
    return std::nullopt;
  fs::path folder = fs::canonical(run.folder);
  for (int level = 0; level < 4 && folder.has_parent_path(); ++level) {
    folder = folder.parent_path();
    if (fs::exists(folder / "experiment.json"))
      return folder;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

/// Conditions of several experiments are told apart by the experiment's name.
static void tellConditionsApart(std::vector<Run> &runs) {
  std::set<std::optional<std::string>> experiments;
  for (const Run &run : runs)
    experiments.insert(run.experiment);
  if (experiments.size() < 2)
    return;
  for (Run &run : runs)
    if (run.experiment) {
      run.condition = *run.experiment + ": " + run.condition;
      run.circuit = *run.experiment + ": " + run.circuit;
    }
}

/// A run's name is its condition and seed, and its folder too where that is the
/// same of two.
static void nameRuns(std::vector<Run> &runs) {
  std::map<std::string, int> uses;
  for (Run &run : runs) {
    run.name = fmt::format("{}, seed {}", run.condition, run.seed);
    ++uses[run.name];
  }
  for (Run &run : runs)
    if (uses[run.name] > 1)
      run.name += fmt::format(" ({})", run.folder.lexically_normal().string());
}

static bool comesBefore(const Run &a, const Run &b) {
  if (a.experiment != b.experiment)
    return naturalLess(a.experiment.value_or(""), b.experiment.value_or(""));
  if (a.place != b.place)
    return a.place < b.place;
  if (a.condition != b.condition)
    return naturalLess(a.condition, b.condition);
  return std::tuple(a.seed, a.name) < std::tuple(b.seed, b.name);
}

Runs dale::report::readRuns(const std::vector<std::string> &folders) {
  std::vector<fs::path> found;
  for (const std::string &folder : folders) {
    if (!fs::is_directory(folder))
      fail("{}: is no folder: expected a run's folder, or one that holds runs; "
           "'train --out' names it",
           folder);
    size_t before = found.size();
    findRuns(folder, found);
    if (found.size() == before)
      fail("{}: holds no run: expected a folder with summary.json in it, or in "
           "a folder below; 'train --out' or 'dale sweep' makes one",
           folder);
  }
  Runs result;
  std::set<fs::path> known;
  std::map<fs::path, size_t> sweeps; // their places in result.experiments
  for (const fs::path &folder : found) {
    if (!known.insert(fs::canonical(folder)).second)
      continue;
    Run &run = result.runs.emplace_back(readRun(folder));
    std::optional<fs::path> sweep = sweepOf(run);
    if (!sweep)
      continue;
    auto [sweepAt, isNew] =
        sweeps.try_emplace(*sweep, result.experiments.size());
    if (isNew)
      result.experiments.push_back(readExperiment(*sweep));
    const std::vector<std::string> &conditions =
        result.experiments[sweepAt->second].conditions;
    run.place = static_cast<size_t>(
        std::ranges::find(conditions, run.condition) - conditions.begin());
  }
  tellConditionsApart(result.runs);
  nameRuns(result.runs);
  std::ranges::sort(result.runs, comesBefore);
  return result;
}
