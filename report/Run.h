//===- Run.h - A trained network as its run folder tells of it --*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What figures are drawn from: the files that `train`, `analyze` and
/// `dale sweep` leave in the folder of a run.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_RUN_H
#define DALE_REPORT_RUN_H

#include "report/Csv.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dale::report {

/// The measures of a unit that figures show, by their names in analysis.csv.
enum Measure { Gosi, OrientationSkewness, ImageSkewness };
inline constexpr std::array allMeasures{Gosi, OrientationSkewness,
                                        ImageSkewness};
/// "gosi"
const char *keyOf(Measure measure);
/// "gOSI"
const char *titleOf(Measure measure);

struct Population {
  std::string area;
  std::string name;
  bool principal = false;
  int64_t units = 0;
  int64_t silent = 0;
  /// The mean over the units that have the measure, and how many these are.
  std::array<std::optional<double>, 3> means;
  std::array<int64_t, 3> measured{};
};

struct Projection {
  std::string area;
  std::string name;
  /// None where the source is the area's input.
  std::optional<std::string> sourceArea;
  std::string source;
  std::string target;
  /// That the target is, or that the gate acts on, and what it reaches of it.
  std::string population;
  std::string site;
  /// "abs", "rectify", "free".
  std::string constraint;
  int64_t weights = 0;
  int64_t above = 0;
  double density = 0;
  /// Weights that are 0, below all bins, in each bin, and above all bins.
  int64_t zero = 0, belowBins = 0, aboveBins = 0;
  std::vector<int64_t> counts;

  bool isWithinArea() const { return sourceArea == area; }
  /// "PN → f"
  std::string title() const;
};

/// analysis.json of a network at one time.
struct Analysis {
  std::filesystem::path folder;
  int64_t epoch = 0;
  double threshold = 0;
  bool spatialAverage = true;
  double binsFrom = 0, binWidth = 1;
  std::optional<double> testAccuracy;
  /// Test images by class and answer, and the classes' names (or none).
  std::vector<std::vector<int64_t>> confusion;
  std::vector<std::string> classNames;
  std::vector<Population> populations;
  std::vector<Projection> projections;
  std::optional<double> imageSkewnessDifference;
  std::optional<double> densityDifference;

  /// Of a population, the one of that area and name, or null.
  const Population *find(const std::string &area,
                         const std::string &name) const;

  /// \name Of the network: means over its areas that have a value
  /// @{
  /// Of a measure over the units of all principal populations of an area, or of
  /// all interneurons.
  std::optional<double> unitMean(bool principal, Measure measure) const;
  /// The density of weights within an area onto the currents of principal
  /// populations, or gates on their input or output, from principal
  /// populations or from interneurons (as `density_difference` has them).
  std::optional<double> density(bool fromPrincipal) const;
  /// Of principal populations less that of interneurons, within each area that
  /// has both.
  std::optional<double> unitDifference(Measure measure) const;
  /// @}

  /// In the file's order.
  std::vector<std::string> areas() const;

private:
  /// Of one area, as `unitMean`.
  std::optional<double> unitMeanIn(const std::string &area, bool principal,
                                   Measure measure) const;
};

struct Run {
  std::filesystem::path folder;
  /// As figures name it: unlike those of all other runs.
  std::string name;
  /// Runs of one condition differ in their seeds.
  std::string condition;
  /// The same without the part that a grid makes of it.
  std::string circuit;
  int64_t seed = 0;
  /// Overrides that a sweep varies: path, and value as text.
  std::vector<std::pair<std::string, std::string>> grid;
  std::optional<std::string> experiment;
  /// Of its condition among those of the experiment.
  size_t place = 0;

  std::string dataset;
  int64_t epochs = 0;
  int64_t epochsDone = 0;
  bool complete = true;
  std::optional<double> testAccuracy;

  /// Of the network, in the order of epochs: metric, epochs and values.
  std::map<std::string, std::vector<std::pair<int64_t, double>>> curves;
  std::map<int64_t, Analysis> analyses;

  /// At the greatest epoch, or null.
  const Analysis *latest() const {
    return analyses.empty() ? nullptr : &analyses.rbegin()->second;
  }
  /// As the analysis of that epoch has it, or metrics.csv.
  std::optional<double> testAccuracyAt(int64_t epoch) const;
};

/// A sweep that runs belong to.
struct Experiment {
  std::string name;
  std::string title;
  std::vector<std::string> figures;
  /// In the order of the experiment's file.
  std::vector<std::string> conditions;
  /// Runs that are not done, each with the reason.
  std::vector<std::string> unfinished;
};

struct Runs {
  /// Condition by condition: an experiment's in the order of its file, others
  /// in the order of names.
  std::vector<Run> runs;
  std::vector<Experiment> experiments;

  /// In the order of runs.
  std::vector<std::string> conditions() const;
  std::vector<const Run *> of(const std::string &condition) const;
};

/// Reads all runs in folders: a folder with summary.json is one, others are
/// searched. Each counts once. Throws where there is none, or where a file is
/// broken.
Runs readRuns(const std::vector<std::string> &folders);

/// Whether `a` comes before `b` for a reader: PN=8 before PN=16.
bool naturalLess(const std::string &a, const std::string &b);

} // namespace dale::report

#endif // DALE_REPORT_RUN_H
