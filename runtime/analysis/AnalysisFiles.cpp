//===- AnalysisFiles.cpp - Measurements for readers -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/analysis/AnalysisFiles.h"

#include "runtime/io/AtomicFile.h"

#include <nlohmann/json.hpp>

using namespace dale::runtime;
using nlohmann::ordered_json;

void AnalysisLabels::take(const Dataset &data) {
  dataset = data.name;
  classNames = data.classNames;
  testImages = data.test->count();
}

std::vector<PopulationSummary>
dale::runtime::summarize(const Analysis &analysis) {
  std::vector<PopulationSummary> summaries;
  for (const PopulationMeasures &population : analysis.populations) {
    PopulationSummary summary;
    summary.area = population.area->name;
    summary.population = population.population->name;
    summary.units = std::ssize(population.units);
    for (const UnitMeasures &unit : population.units) {
      summary.silent += !unit.tuning.preferred;
      summary.gosi.add(unit.tuning.gosi);
      summary.orientationSkewness.add(unit.tuning.skewness);
      summary.imageSkewness.add(unit.images.skewness());
    }
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

namespace {
/// Adds rows of one epoch.
class Rows {
public:
  Rows(const AnalysisLabels &labels)
      : table(labels.run, labels.seed), epoch(labels.epoch) {}

  void add(const Subject &subject, const char *metric,
           std::optional<double> value) {
    if (value)
      table.add(epoch, subject, metric, *value);
  }

  void addUnit(const Subject &subject, const UnitMeasures &unit) {
    const Tuning &tuning = unit.tuning;
    add(subject, "responds", tuning.preferred ? 1 : 0);
    add(subject, "largest_response", tuning.largest);
    if (const std::optional<Grating> &grating = tuning.preferred) {
      add(subject, "preferred_orientation", grating->orientationDegrees());
      add(subject, "preferred_frequency",
          static_cast<double>(grating->cyclesPerImage()));
      add(subject, "preferred_phase", grating->phaseDegrees());
    }
    add(subject, "gosi", tuning.gosi);
    add(subject, "orientation_skewness", tuning.skewness);
    add(subject, "image_mean", unit.images.mean());
    add(subject, "image_skewness", unit.images.skewness());
  }

  void addDifferences(const Subject &subject, const Differences &differences) {
    add(subject, "image_skewness_difference", differences.imageSkewness);
    add(subject, "density_difference", differences.density);
  }

  MetricsTable table;

private:
  int64_t epoch;
};
} // namespace

MetricsTable dale::runtime::tabulate(const Circuit &circuit,
                                     const Analysis &analysis,
                                     const AnalysisLabels &labels) {
  Rows rows(labels);
  for (const PopulationMeasures &population : analysis.populations)
    for (int64_t unit = 0; unit < std::ssize(population.units); ++unit)
      rows.addUnit({population.area->name, population.population->name, unit},
                   population.units[unit]);
  for (const ProjectionMeasures &measures : analysis.projections) {
    const std::string &area = measures.area->name;
    rows.add({area, measures.projection->nameIn(area)}, "density",
             measures.density.share());
  }
  std::vector<AreaDifferences> areas = differencesByArea(circuit, analysis);
  for (const AreaDifferences &area : areas)
    rows.addDifferences({area.area}, area.differences);
  rows.addDifferences({}, meanDifferences(areas));
  return std::move(rows.table);
}

//===----------------------------------------------------------------------===//
// The summary
//===----------------------------------------------------------------------===//

static ordered_json orNull(std::optional<double> value) {
  return value ? ordered_json(*value) : ordered_json();
}

static ordered_json describeMean(const MeanOfSome &mean) {
  return {{"mean", orNull(mean.mean())}, {"units", mean.count()}};
}

static ordered_json describePopulation(const PopulationMeasures &population,
                                       const PopulationSummary &summary) {
  std::optional<Sign> sign = population.population->sign;
  return {{"area", summary.area},
          {"population", summary.population},
          {"principal", population.population->principal},
          {"sign", sign ? ordered_json(nameOf(*sign)) : ordered_json()},
          {"units", summary.units},
          {"silent", summary.silent},
          {"gosi", describeMean(summary.gosi)},
          {"orientation_skewness", describeMean(summary.orientationSkewness)},
          {"image_skewness", describeMean(summary.imageSkewness)}};
}

static ordered_json describeProjection(const ProjectionMeasures &measures) {
  const Projection &projection = *measures.projection;
  const LogHistogram &histogram = measures.histogram;
  return {
      {"area", measures.area->name},
      {"name", projection.nameIn(measures.area->name)},
      {"source_area", projection.sourceArea
                          ? ordered_json(*projection.sourceArea)
                          : ordered_json()},
      {"source", projection.source},
      {"target", projection.target},
      {"population", measures.area->populations[projection.population].name},
      {"site", nameOf(projection.site)},
      {"range", nameOf(projection.range)},
      {"sign", nameOf(projection.sign)},
      {"constraint", nameOf(projection.constraint)},
      {"weights", measures.density.weights},
      {"above", measures.density.above},
      {"density", measures.density.share()},
      {"histogram",
       {{"zero", histogram.zero},
        {"below", histogram.below},
        {"above", histogram.above},
        {"counts", histogram.counts}}}};
}

static ordered_json describeDifferences(const Differences &differences) {
  return {{"image_skewness", orNull(differences.imageSkewness)},
          {"density", orNull(differences.density)}};
}

ordered_json dale::runtime::describe(const Circuit &circuit,
                                     const Analysis &analysis,
                                     const AnalysisLabels &labels,
                                     const AnalysisSettings &settings) {
  ordered_json summary = {
      {"circuit", circuit.name},
      {"dale_version", DALE_VERSION},
      {"run", labels.run},
      {"seed", labels.seed},
      {"epoch", labels.epoch},
      {"checkpoint", labels.checkpoint.empty()
                         ? ordered_json()
                         : ordered_json(labels.checkpoint)},
      {"dataset", labels.dataset},
      {"test_images", labels.testImages},
      {"gratings", Grating::count},
      {"threshold", settings.threshold},
      {"spatial_average", settings.average},
      {"histogram",
       {{"from", LogHistogram::from},
        {"width", LogHistogram::width},
        {"bins", LogHistogram::bins}}},
  };
  summary["test_accuracy"] = orNull(analysis.confusion.accuracy());
  if (!labels.classNames.empty())
    summary["class_names"] = labels.classNames;
  summary["confusion"] = analysis.confusion.rows();
  std::vector<PopulationSummary> populations = summarize(analysis);
  summary["populations"] = ordered_json::array();
  for (size_t i = 0; i < populations.size(); ++i)
    summary["populations"].push_back(
        describePopulation(analysis.populations[i], populations[i]));
  summary["projections"] = ordered_json::array();
  for (const ProjectionMeasures &projection : analysis.projections)
    summary["projections"].push_back(describeProjection(projection));
  std::vector<AreaDifferences> areas = differencesByArea(circuit, analysis);
  summary["differences"] = describeDifferences(meanDifferences(areas));
  summary["differences"]["areas"] = ordered_json::array();
  for (const AreaDifferences &area : areas) {
    ordered_json entry = {{"area", area.area}};
    entry.update(describeDifferences(area.differences));
    summary["differences"]["areas"].push_back(std::move(entry));
  }
  return summary;
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

std::optional<Analysis> dale::runtime::recordAnalysis(
    const AnalysisFolder &folder, const Circuit &circuit, Executor &executor,
    Model &model, const ImageSet &test, const AnalysisSettings &settings,
    SavedTensors saved, const AnalysisLabels &labels, Progress &progress) {
  std::optional<SavedTensorsFile> tensors;
  if (saved.any())
    tensors.emplace(folder.tensors(), circuit, test.count(), saved);
  std::optional<Analysis> analysis =
      analyze(circuit, executor, model, test, settings,
              tensors ? &*tensors : nullptr, progress);
  if (!analysis)
    return std::nullopt;
  // Of an analysis that is replaced nothing stays: no tensors that this one
  // does not write, and no summary beside files that are not its own.
  folder.clear();
  if (tensors)
    tensors->commit();
  tabulate(circuit, *analysis, labels).write(folder.table());
  writeTextFile(folder.summary(),
                describe(circuit, *analysis, labels, settings).dump(2) + "\n");
  return analysis;
}
