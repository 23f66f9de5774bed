//===- Analysis.h - What a network is measured for --------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What an analysis measures of a network: of each unit, each projection, and
/// the differences between principal populations and interneurons.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_ANALYSIS_ANALYSIS_H
#define DALE_RUNTIME_ANALYSIS_ANALYSIS_H

#include "runtime/analysis/Connections.h"
#include "runtime/analysis/Moments.h"
#include "runtime/analysis/Tuning.h"
#include "runtime/circuit/Circuit.h"

#include <optional>
#include <string>
#include <vector>

namespace dale::runtime {

/// A unit is what stands for a channel: its neuron at row ⌊h/2⌋, column ⌊w/2⌋.
struct UnitMeasures {
  Tuning tuning;
  /// Of the responses to the images of the test set.
  Moments images;
};

struct PopulationMeasures {
  const Area *area = nullptr;
  const Population *population = nullptr;
  std::vector<UnitMeasures> units;
};

struct ProjectionMeasures {
  const Area *area = nullptr;
  const Projection *projection = nullptr;
  Density density;
  LogHistogram histogram;
};

/// Interneurons are the populations that are not principal. Each is none where
/// one of its two sides has nothing to be measured.
struct Differences {
  /// The mean image skewness of principal units, less that of interneurons;
  /// units that have none do not count.
  std::optional<double> imageSkewness;
  /// The density of the weights from interneurons to principal populations,
  /// less that of those among principal populations: within the area, into a
  /// population's own current or a gate on its input or output, all in one
  /// density. A gate on the memory passes no current on, so its weights are no
  /// connections of the two.
  std::optional<double> density;
};

struct AreaDifferences {
  std::string area;
  Differences differences;
};

/// How many images of each class were read out as which.
class Confusion {
public:
  explicit Confusion(int64_t classes)
      : classes(classes), counts(static_cast<size_t>(classes * classes)) {}

  void add(int64_t label, int64_t answer) {
    ++counts[label * classes + answer];
  }

  /// By row, the class that it is, and column, the one that it was read out as.
  std::vector<std::vector<int64_t>> rows() const;

  /// The share of images that were read out as what they are. None without
  /// images.
  std::optional<double> accuracy() const;

private:
  int64_t classes;
  std::vector<int64_t> counts;
};

struct Analysis {
  /// In the order of the circuit's areas.
  std::vector<PopulationMeasures> populations;
  std::vector<ProjectionMeasures> projections;
  /// Of the test set.
  Confusion confusion = Confusion(0);
};

/// Measures the weights of every projection; `average` as in
/// connectionWeights(), `threshold` as in Density.
std::vector<ProjectionMeasures> measureProjections(const Circuit &circuit,
                                                   const Buffer &parameters,
                                                   double threshold,
                                                   bool average);

std::vector<AreaDifferences> differencesByArea(const Circuit &circuit,
                                               const Analysis &analysis);

/// The means over the areas that have one: each area counts the same.
Differences meanDifferences(const std::vector<AreaDifferences> &areas);

/// A mean over those that have a value.
class MeanOfSome {
public:
  void add(std::optional<double> value);
  int64_t count() const { return number; }
  std::optional<double> mean() const;

private:
  double sum = 0;
  int64_t number = 0;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_ANALYSIS_ANALYSIS_H
