//===- Selectivity.cpp - Figure "selectivity": the paper's Figure 2 -------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/figures/Figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace dale::report;

namespace {
/// One population of the networks of a condition.
struct Column {
  std::string area;
  std::string population;
  double x = 0;
};
} // namespace

/// The populations of a condition's networks, area by area, with gaps between.
static std::vector<Column> columnsOf(const std::vector<const Run *> &runs) {
  std::vector<Column> columns;
  for (const Run *run : runs)
    for (const Population &population : run->latest()->populations)
      if (std::ranges::none_of(columns, [&](const Column &column) {
            return column.area == population.area &&
                   column.population == population.name;
          }))
        columns.push_back({population.area, population.name});
  std::ranges::stable_sort(columns, naturalLess, &Column::area);
  double x = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    x += i && columns[i].area != columns[i - 1].area ? 1.7 : 1;
    columns[i].x = x;
  }
  return columns;
}

/// Populations below the axis, their areas below them.
static void nameColumns(Plot &plot, const std::vector<Column> &columns) {
  Plot::Tics tics;
  for (const Column &column : columns)
    tics.emplace_back(column.x, column.population);
  plot.xTics(tics);
  plot.command("set xtics font ',11'"); // neighbours must not touch
  plot.xRange(0.3, columns.back().x + 0.7);
  for (size_t i = 0; i < columns.size();) {
    size_t end = i;
    while (end < columns.size() && columns[end].area == columns[i].area)
      ++end;
    plot.label(columns[i].area,
               fmt::format("first {}, graph -0.2",
                           (columns[i].x + columns[end - 1].x) / 2),
               "center textcolor rgb '#444444'");
    i = end;
  }
  plot.command("set bmargin 3.3");
  plot.command("set rmargin 1");
}

/// The values of one column's networks; none of a network is left out.
template <typename Get>
static std::vector<double> valuesOf(const std::vector<const Run *> &runs,
                                    const Column &column, Get get) {
  std::vector<double> values;
  for (const Run *run : runs)
    if (const Population *population =
            run->latest()->find(column.area, column.population))
      if (std::optional<double> value = get(*population))
        values.push_back(*value);
  return values;
}

namespace {
/// One measure of all columns.
struct Series {
  const char *key;
  const char *title;
  const char *yLabel;
  double low, high;
  std::optional<double> (*get)(const Population &population);
};
} // namespace

template <Measure measure>
static std::optional<double> meanOf(const Population &population) {
  return population.means[measure];
}

static std::optional<double> silentShare(const Population &population) {
  return 100.0 * static_cast<double>(population.silent) /
         static_cast<double>(std::max<int64_t>(population.units, 1));
}

static constexpr std::array allSeries{
    Series{"gosi", "gOSI", "mean of units", 0, 1, meanOf<Gosi>},
    Series{"orientation_skewness", "orientation skewness", "mean of units",
           none, none, meanOf<OrientationSkewness>},
    Series{"image_skewness", "image skewness", "mean of units", none, none,
           meanOf<ImageSkewness>},
    Series{"silent", "silent units", "share of units (%)", 0, 100, silentShare},
};

static Panel drawPanel(const Series &series, const Sources &sources,
                       const std::string &condition,
                       const std::vector<const Run *> &runs,
                       const std::vector<Column> &columns, Table &table) {
  int width = 60 + static_cast<int>(columns.back().x * 25);
  Panel panel{fmt::format("{} of {}", series.title, condition),
              Plot(std::max(width, 195), 240)};
  panel.plot.title(series.title);
  panel.plot.yLabel(series.yLabel);
  nameColumns(panel.plot, columns);
  double low = series.low, high = series.high;
  for (const Column &column : columns) {
    std::vector<double> values = valuesOf(runs, column, series.get);
    std::optional<Estimate> estimated = estimate(values);
    std::vector<std::string> row{condition, column.area, column.population,
                                 series.key};
    appendEstimate(row, estimated);
    table.rows.push_back(std::move(row));
    if (!estimated)
      continue;
    low = std::fmin(low, std::ranges::min(values));
    high = std::fmax(high, std::ranges::max(values));
    std::string colour = sources.palette.of(column.population);
    panel.plot.draw(networkDots(panel.plot, column.x, values, colour));
    drawEstimates(panel.plot, {{column.x, *estimated}}, colour);
  }
  panel.plot.yNice(low, high);
  return panel;
}

/// A row for each network, so that nothing is only in the picture.
static void addNetworks(const std::string &condition,
                        const std::vector<const Run *> &runs, Table &table) {
  for (const Run *run : runs)
    for (const Population &population : run->latest()->populations)
      for (const Series &series : allSeries)
        if (std::optional<double> value = series.get(population))
          table.rows.push_back({condition, population.area, population.name,
                                series.key, "1", cell(*value), "", "",
                                fmt::format("{}", run->seed)});
}

FigureOrReason dale::report::drawSelectivity(const Sources &sources) {
  Figure figure;
  figure.table.columns = {"condition", "area", "population",   "metric",
                          "n",         "mean", "interval_low", "interval_high",
                          "seed"};
  std::vector<std::string> drawn = sources.drawnConditions();
  std::vector<size_t> counts;
  for (const std::string &condition : sources.conditions) {
    std::vector<const Run *> runs = sources.runs.of(condition);
    std::erase_if(runs, [](const Run *run) { return !run->latest(); });
    std::vector<Column> columns = columnsOf(runs);
    if (columns.empty())
      continue;
    counts.push_back(runs.size());
    Group group{headingOf(condition, runs.size()), {}, {}};
    size_t rows = figure.table.rows.size();
    for (const Series &series : allSeries)
      group.panels.push_back(
          drawPanel(series, sources, condition, runs, columns, figure.table));
    for (; rows < figure.table.rows.size(); ++rows)
      figure.table.rows[rows].push_back("");
    addNetworks(condition, runs, figure.table);
    // Panels where no network has a value show nothing.
    std::erase_if(group.panels,
                  [](const Panel &panel) { return panel.plot.isEmpty(); });
    if (std::ranges::find(drawn, condition) != drawn.end())
      figure.groups.push_back(std::move(group));
  }
  if (counts.empty())
    return std::string(noAnalysis);
  figure.caption = fmt::format(
      "As Figure 2 of the paper. Large points: means over the networks of a "
      "condition, {}, at {}; small circles: single networks. The value of a "
      "network is the mean over the population's units that have the measure: "
      "silent units, which respond to no grating, have no gOSI, and units that "
      "respond to all alike have no skewness. {}{}",
      countNetworks(counts), epochsOf(sources.runs), intervalNote,
      sources.drawnConditionsNote());
  return figure;
}
