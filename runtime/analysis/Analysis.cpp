//===- Analysis.cpp - What a network is measured for ----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/analysis/Analysis.h"

#include <numeric>

using namespace dale::runtime;

void MeanOfSome::add(std::optional<double> value) {
  if (!value)
    return;
  sum += *value;
  ++number;
}

std::optional<double> MeanOfSome::mean() const {
  if (number == 0)
    return std::nullopt;
  return sum / static_cast<double>(number);
}

std::vector<std::vector<int64_t>> Confusion::rows() const {
  std::vector<std::vector<int64_t>> result;
  for (auto row = counts.begin(); row != counts.end(); row += classes)
    result.emplace_back(row, row + classes);
  return result;
}

std::optional<double> Confusion::accuracy() const {
  int64_t images = std::reduce(counts.begin(), counts.end()), correct = 0;
  for (int64_t i = 0; i < classes; ++i)
    correct += counts[i * classes + i];
  if (images == 0)
    return std::nullopt;
  return static_cast<double>(correct) / static_cast<double>(images);
}

std::vector<ProjectionMeasures>
dale::runtime::measureProjections(const Circuit &circuit,
                                  const Buffer &parameters, double threshold,
                                  bool average) {
  std::vector<ProjectionMeasures> measures;
  for (const Area &area : circuit.areas)
    for (const Projection &projection : area.projections) {
      std::vector<double> weights =
          connectionWeights(circuit, parameters, projection, average);
      measures.push_back({&area, &projection, Density::of(weights, threshold),
                          LogHistogram::of(weights)});
    }
  return measures;
}

//===----------------------------------------------------------------------===//
// Differences
//===----------------------------------------------------------------------===//

static std::optional<double> difference(std::optional<double> a,
                                        std::optional<double> b) {
  if (!a || !b)
    return std::nullopt;
  return *a - *b;
}

static std::optional<double> skewnessDifference(const Area &area,
                                                const Analysis &analysis) {
  MeanOfSome principal, interneurons;
  for (const PopulationMeasures &population : analysis.populations) {
    if (population.area != &area)
      continue;
    MeanOfSome &side =
        population.population->principal ? principal : interneurons;
    for (const UnitMeasures &unit : population.units)
      side.add(unit.images.skewness());
  }
  return difference(principal.mean(), interneurons.mean());
}

static const Population *sourceOf(const Area &area,
                                  const Projection &projection) {
  if (projection.sourceArea != area.name)
    return nullptr;
  for (const Population &population : area.populations)
    if (population.name == projection.source)
      return &population;
  return nullptr;
}

static std::optional<double> densityDifference(const Area &area,
                                               const Analysis &analysis) {
  Density principal, interneurons;
  for (const ProjectionMeasures &measures : analysis.projections) {
    const Projection &projection = *measures.projection;
    const Population *source =
        measures.area == &area ? sourceOf(area, projection) : nullptr;
    if (!source || projection.site == Site::Memory ||
        !area.populations[projection.population].principal)
      continue;
    (source->principal ? principal : interneurons) += measures.density;
  }
  if (principal.weights == 0 || interneurons.weights == 0)
    return std::nullopt;
  return interneurons.share() - principal.share();
}

std::vector<AreaDifferences>
dale::runtime::differencesByArea(const Circuit &circuit,
                                 const Analysis &analysis) {
  std::vector<AreaDifferences> result;
  for (const Area &area : circuit.areas)
    result.push_back({area.name,
                      {skewnessDifference(area, analysis),
                       densityDifference(area, analysis)}});
  return result;
}

Differences
dale::runtime::meanDifferences(const std::vector<AreaDifferences> &areas) {
  MeanOfSome imageSkewness, density;
  for (const AreaDifferences &area : areas) {
    imageSkewness.add(area.differences.imageSkewness);
    density.add(area.differences.density);
  }
  return {imageSkewness.mean(), density.mean()};
}
