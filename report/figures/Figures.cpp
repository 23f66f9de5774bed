//===- Figures.cpp - All figures, by name ---------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/figures/Figures.h"

#include <fmt/format.h>

#include <array>

using namespace dale::report;

std::span<const FigureKind> dale::report::figureKinds() {
  static constexpr std::array kinds{
      FigureKind{"selectivity", "Selectivity of populations", drawSelectivity},
      FigureKind{"weights", "Weights and connection densities", drawWeights},
      FigureKind{"e-i-plane", "Excitatory–inhibitory differences", drawEIPlane},
      FigureKind{"over-training", "Over training", drawOverTraining},
      FigureKind{"channel-grid", "A grid of circuits", drawChannelGrid},
      FigureKind{"tuning", "Tuning curves", drawTuning},
      FigureKind{"variants", "Variants", drawVariants},
      FigureKind{"dashboard", "Single runs", drawDashboard},
  };
  return kinds;
}

std::string dale::report::networkDots(Plot &plot, double x,
                                      const std::vector<double> &values,
                                      const std::string &colour) {
  std::vector<Plot::Row> rows;
  for (size_t i = 0; i < values.size(); ++i)
    rows.push_back({x + jitter(i, values.size()), values[i]});
  return fmt::format("{} using 1:2 with points pointtype 6 pointsize 0.5 "
                     "linewidth 1 linecolor rgb '{}'",
                     plot.data(rows), colour);
}

void dale::report::drawEstimates(Plot &plot, const std::vector<Place> &places,
                                 const std::string &colour,
                                 std::string_view title) {
  std::vector<Plot::Row> points, bars;
  for (const Place &place : places) {
    points.push_back({place.x, place.estimate.mean});
    if (place.estimate.interval)
      bars.push_back({place.x, place.estimate.mean, place.estimate.low(),
                      place.estimate.high()});
  }
  if (!bars.empty())
    plot.draw(fmt::format("{} using 1:2:3:4 with yerrorbars pointtype 0 "
                          "linewidth 2 linecolor rgb '{}'",
                          plot.data(bars), colour));
  if (!points.empty())
    plot.draw(fmt::format("{} using 1:2 with points pointtype 7 pointsize 1 "
                          "linecolor rgb '{}'",
                          plot.data(points), colour),
              title);
}

void dale::report::appendEstimate(std::vector<std::string> &row,
                                  const std::optional<Estimate> &estimate) {
  row.push_back(fmt::format("{}", estimate ? estimate->n : 0));
  row.push_back(estimate ? cell(estimate->mean) : "");
  bool sure = estimate && estimate->interval;
  row.push_back(sure ? cell(estimate->low()) : "");
  row.push_back(sure ? cell(estimate->high()) : "");
}
