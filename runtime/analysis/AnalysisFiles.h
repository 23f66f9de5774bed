//===- AnalysisFiles.h - Measurements for readers ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What an analysis writes: a table with a row for every unit and metric, and a
/// summary by population and projection in JSON.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_ANALYSIS_ANALYSISFILES_H
#define DALE_RUNTIME_ANALYSIS_ANALYSISFILES_H

#include "runtime/analysis/Analyzer.h"
#include "runtime/data/Dataset.h"
#include "runtime/train/Metrics.h"
#include "runtime/train/RunFolder.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dale::runtime {

/// Which network was analyzed, and with what.
struct AnalysisLabels {
  std::string run;
  uint64_t seed = 0;
  int64_t epoch = 0;
  /// The file's name; empty for a network that is being trained.
  std::string checkpoint;
  std::string dataset;
  /// Empty where the data set has none.
  std::vector<std::string> classNames;
  int64_t testImages = 0;

  /// Takes over what a data set says of itself.
  void take(const Dataset &data);
};

/// The numbers of a population, with the units that have them.
struct PopulationSummary {
  std::string area, population;
  int64_t units = 0, silent = 0;
  MeanOfSome gosi, orientationSkewness, imageSkewness;
};

std::vector<PopulationSummary> summarize(const Analysis &analysis);

/// The rows of `analysis.csv` (docs/analysis.md). What a unit does not have is
/// no row.
MetricsTable tabulate(const Circuit &circuit, const Analysis &analysis,
                      const AnalysisLabels &labels);

/// `analysis.json` (docs/analysis.md). What there is not is null.
nlohmann::ordered_json describe(const Circuit &circuit,
                                const Analysis &analysis,
                                const AnalysisLabels &labels,
                                const AnalysisSettings &settings);

/// Analyzes a model with the images of `test` and leaves the files in `folder`,
/// which must be there: `analysis.safetensors` with what is `saved`, the table,
/// and last the summary. Those of an earlier analysis are removed once all is
/// measured. Nothing, and no file touched, if a signal has stopped it.
std::optional<Analysis>
recordAnalysis(const AnalysisFolder &folder, const Circuit &circuit,
               Executor &executor, Model &model, const ImageSet &test,
               const AnalysisSettings &settings, SavedTensors saved,
               const AnalysisLabels &labels, Progress &progress);

} // namespace dale::runtime

#endif // DALE_RUNTIME_ANALYSIS_ANALYSISFILES_H
