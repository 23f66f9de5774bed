//===- EIPlane.cpp - Figure "e-i-plane": the paper's Figures 4, 7 and 9 ---===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/figures/Figures.h"

#include <fmt/format.h>

#include <algorithm>

using namespace dale::report;

/// What experiments found in visual cortex, as the paper quotes them: the
/// difference of image skewness, and of density, 0.42 from interneurons to
/// principal neurons, 0.11 among principal neurons.
static constexpr double measuredSkewness = 2.1, measuredDensity = 0.42 - 0.11;

namespace {
struct Points {
  std::string condition;
  std::vector<int64_t> seeds;
  std::vector<double> density, skewness;
};
} // namespace

static std::vector<Points> pointsOf(const Sources &sources) {
  std::vector<Points> all;
  for (const std::string &condition : sources.conditions) {
    Points points{condition, {}, {}, {}};
    for (const Run *run : sources.runs.of(condition)) {
      const Analysis *analysis = run->latest();
      if (!analysis || !analysis->densityDifference ||
          !analysis->imageSkewnessDifference)
        continue;
      points.seeds.push_back(run->seed);
      points.density.push_back(*analysis->densityDifference);
      points.skewness.push_back(*analysis->imageSkewnessDifference);
    }
    if (!points.seeds.empty())
      all.push_back(std::move(points));
  }
  return all;
}

static void drawPoints(Plot &plot, const Points &points, size_t index) {
  std::string colour = conditionColour(index);
  int type = pointType(index);
  std::vector<Plot::Row> rows;
  for (size_t i = 0; i < points.seeds.size(); ++i)
    rows.push_back({points.density[i], points.skewness[i]});
  plot.draw(fmt::format("{} using 1:2 with points pointtype {} pointsize 0.5 "
                        "linecolor rgb '{}'",
                        plot.data(rows), type, colour));
  Estimate density = *estimate(points.density),
           skewness = *estimate(points.skewness);
  if (density.interval) {
    std::string bars =
        plot.data({{density.mean, skewness.mean, density.low(), density.high(),
                    skewness.low(), skewness.high()}});
    plot.draw(fmt::format("{} using 1:2:3:4:5:6 with xyerrorbars pointtype 0 "
                          "linewidth 1.5 linecolor rgb '{}'",
                          bars, colour));
  }
  plot.draw(fmt::format("{} using 1:2 with points pointtype {} pointsize 1.3 "
                        "linecolor rgb '{}'",
                        plot.data({{density.mean, skewness.mean}}), type,
                        colour),
            headingOf(points.condition, points.seeds.size()));
}

static void addRows(const Points &points, Table &table) {
  for (size_t i = 0; i < points.seeds.size(); ++i)
    table.rows.push_back({points.condition, fmt::format("{}", points.seeds[i]),
                          "1", cell(points.density[i]), "", "",
                          cell(points.skewness[i]), "", ""});
  Estimate density = *estimate(points.density),
           skewness = *estimate(points.skewness);
  std::vector<std::string> row{points.condition, ""}, values;
  appendEstimate(row, density);
  appendEstimate(values, skewness);
  row.insert(row.end(), values.begin() + 1, values.end());
  table.rows.push_back(std::move(row));
}

FigureOrReason dale::report::drawEIPlane(const Sources &sources) {
  std::vector<Points> all = pointsOf(sources);
  if (all.empty())
    return std::string("no run has an analysis with both differences between "
                       "principal neurons and interneurons: ") +
           noAnalysis;
  // Under the picture, where any number of names has room.
  int keyHeight = 18 * static_cast<int>(all.size() + 1);
  Panel panel{"density difference against image skewness difference",
              Plot(480, 360 + keyHeight)};
  Plot &plot = panel.plot;
  plot.xLabel("density, Int→PN − PN→PN");
  plot.yLabel("image skewness, PN − Int");
  plot.keyBelow(static_cast<int>(all.size() + 1), 1);
  std::string grey = "linecolor rgb '#bbbbbb' dashtype 2 linewidth 1 back";
  plot.line("first 0, graph 0", "first 0, graph 1", grey);
  plot.line("graph 0, first 0", "graph 1, first 0", grey);
  Figure figure;
  figure.table.columns = {"condition",
                          "seed",
                          "n",
                          "density_difference",
                          "density_interval_low",
                          "density_interval_high",
                          "image_skewness_difference",
                          "image_skewness_interval_low",
                          "image_skewness_interval_high"};
  std::vector<size_t> counts;
  std::vector<double> across{-0.02, measuredDensity + 0.02},
      up{-0.1, measuredSkewness + 0.1};
  for (size_t i = 0; i < all.size(); ++i) {
    drawPoints(plot, all[i], i);
    addRows(all[i], figure.table);
    counts.push_back(all[i].seeds.size());
    across.insert(across.end(), all[i].density.begin(), all[i].density.end());
    up.insert(up.end(), all[i].skewness.begin(), all[i].skewness.end());
  }
  plot.xNice(std::ranges::min(across), std::ranges::max(across));
  plot.yNice(std::ranges::min(up), std::ranges::max(up));
  plot.draw(fmt::format("{} using 1:2 with points pointtype 3 pointsize 1.4 "
                        "linewidth 2 linecolor rgb '#000000'",
                        plot.data({{measuredDensity, measuredSkewness}})),
            "experiments");
  figure.table.rows.push_back({"experiments", "", "", cell(measuredDensity), "",
                               "", cell(measuredSkewness), "", ""});
  figure.groups = {{"", {std::move(panel)}}};
  figure.caption = fmt::format(
      "As Figures 4, 7 and 9 of the paper. A small point is a network, a large "
      "one the mean of a condition, {}, at {}. To the right: the density of "
      "weights from interneurons to principal neurons less that among "
      "principal neurons; upwards: the image skewness of principal neurons "
      "less that of interneurons; both are means over the areas of a network; "
      "networks that lack one are left out. "
      "The star: experimental estimates, skewness difference 2.1, density "
      "difference 0.42 − 0.11 = 0.31. {}",
      countNetworks(counts), epochsOf(sources.runs), intervalNote);
  return figure;
}
