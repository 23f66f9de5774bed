//===- ChannelGrid.cpp - Figure "channel-grid": the paper's Figures 6 and 11
//===//
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
#include <functional>
#include <map>
#include <set>

using namespace dale::report;

namespace {
/// What changes along one side of the grid: paths that always have the same
/// value as each other.
struct Axis {
  std::vector<std::string> paths;
  std::vector<std::string> values;

  std::string title() const;
  /// The title's end, where it is too long for an axis.
  std::string label() const;
};

/// Runs of one circuit, by their values on both axes.
using Cells = std::map<std::pair<size_t, size_t>, std::vector<const Run *>>;

struct Quantity {
  const char *key;
  const char *title;
  /// Has a middle, 0, that its colours show.
  bool isDifference;
  std::function<std::optional<double>(const Run &)> get;
};
} // namespace

/// "IG, OG channels (area3)" of area3.populations.IG.channels and the same of
/// OG; other paths as they are.
std::string Axis::title() const {
  static constexpr std::string_view middle = ".populations.", end = ".channels";
  std::string area, populations;
  for (const std::string &path : paths) {
    size_t at = path.find(middle);
    if (at == path.npos || !path.ends_with(end))
      return fmt::format("{}", fmt::join(paths, ", "));
    if (!area.empty() && area != path.substr(0, at))
      return fmt::format("{}", fmt::join(paths, ", "));
    area = path.substr(0, at);
    size_t name = at + middle.size();
    populations += (populations.empty() ? "" : ", ") +
                   path.substr(name, path.size() - end.size() - name);
  }
  return fmt::format("{} channels ({})", populations, area);
}

std::string Axis::label() const {
  constexpr size_t most = 24;
  std::string text = title();
  if (text.size() <= most)
    return text;
  size_t begin = text.size() - most;
  // Not within a letter of UTF-8.
  while (begin < text.size() &&
         (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80)
    ++begin;
  return "…" + text.substr(begin);
}

static std::optional<std::string> gridValue(const Run &run,
                                            const std::string &path) {
  for (const auto &[name, value] : run.grid)
    if (name == path)
      return value;
  return std::nullopt;
}

/// The axes, in the order in which runs name them, without those that have only
/// one value.
static std::vector<Axis> axesOf(const std::vector<const Run *> &runs) {
  // What each path is in each run: equal lists are one axis.
  std::vector<std::string> names;
  for (const Run *run : runs)
    for (const auto &[path, value] : run->grid)
      if (std::ranges::find(names, path) == names.end())
        names.push_back(path);
  std::vector<Axis> axes;
  std::vector<std::vector<std::string>> courses;
  for (const std::string &name : names) {
    std::vector<std::string> course;
    for (const Run *run : runs)
      course.push_back(gridValue(*run, name).value_or(""));
    auto same = std::ranges::find(courses, course);
    if (same != courses.end()) {
      axes[same - courses.begin()].paths.push_back(name);
      continue;
    }
    std::set<std::string> distinct(course.begin(), course.end());
    if (distinct.size() < 2)
      continue;
    Axis axis{{name}, {distinct.begin(), distinct.end()}};
    std::ranges::sort(axis.values, naturalLess);
    axes.push_back(std::move(axis));
    courses.push_back(std::move(course));
  }
  return axes;
}

static size_t placeOn(const Axis &axis, const Run &run) {
  std::string value = gridValue(run, axis.paths.front()).value_or("");
  return std::ranges::find(axis.values, value) - axis.values.begin();
}

static std::vector<Quantity> quantities() {
  auto ofAnalysis = [](auto get) {
    return [get](const Run &run) -> std::optional<double> {
      return run.latest() ? get(*run.latest()) : std::nullopt;
    };
  };
  return {
      {"test_accuracy", "test accuracy", false,
       [](const Run &run) { return run.testAccuracy; }},
      {"gosi_difference", "gOSI, PN − Int", true,
       ofAnalysis([](const Analysis &analysis) {
         return analysis.unitDifference(Gosi);
       })},
      {"image_skewness_difference", "image skewness, PN − Int", true,
       ofAnalysis([](const Analysis &analysis) {
         return analysis.imageSkewnessDifference;
       })},
      {"density_difference", "density, Int→PN − PN→PN", true,
       ofAnalysis([](const Analysis &analysis) {
         return analysis.densityDifference;
       })},
  };
}

namespace {
/// One value of the grid.
struct Cell {
  size_t column, row;
  std::optional<Estimate> estimated;
};
} // namespace

/// Colours span the values that there are: of a difference, evenly around 0.
static std::string colourOf(const Quantity &quantity, double value, double low,
                            double high) {
  if (quantity.isDifference) {
    double most = std::max(std::abs(low), std::abs(high));
    return divergingColour(most > 0 ? value / most : 0);
  }
  return sequentialColour(high > low ? (value - low) / (high - low) : 0.5);
}

/// With as many digits as tell the values of a panel apart: `most` is the
/// largest of them.
static std::string textOf(double value, double most) {
  int digits = most >= 10 ? 1 : most >= 0.1 ? 2 : most >= 0.01 ? 3 : 4;
  std::string text = fmt::format("{:.{}f}", value, digits);
  // No minus before 0.
  return text.find_first_not_of("-0.") == text.npos
             ? fmt::format("{:.{}f}", 0.0, digits)
             : text;
}

static Panel drawGrid(const Quantity &quantity, const Axis &across,
                      const Axis &up, const std::vector<Cell> &cells) {
  int columns = static_cast<int>(across.values.size()),
      rows = static_cast<int>(up.values.size());
  Panel panel{
      fmt::format("{} by {} and {}", quantity.title, across.title(),
                  up.title()),
      Plot(std::max(110 + 46 * columns, 260), std::max(100 + 34 * rows, 210))};
  Plot &plot = panel.plot;
  plot.title(quantity.title);
  plot.xLabel(across.label());
  plot.yLabel(up.label());
  plot.command("set border 0");
  plot.command("set tics scale 0");
  Plot::Tics xTics, yTics;
  for (int i = 0; i < columns; ++i)
    xTics.emplace_back(i, across.values[i]);
  for (int i = 0; i < rows; ++i)
    yTics.emplace_back(i, up.values[i]);
  plot.xTics(xTics);
  plot.yTics(yTics);
  plot.xRange(-0.5, columns - 0.5);
  plot.yRange(-0.5, rows - 0.5);
  double low = INFINITY, high = -INFINITY;
  for (const Cell &cell : cells)
    if (cell.estimated) {
      low = std::min(low, cell.estimated->mean);
      high = std::max(high, cell.estimated->mean);
    }
  std::vector<Plot::Row> boxes;
  for (const Cell &cell : cells) {
    if (!cell.estimated)
      continue;
    double x = static_cast<double>(cell.column),
           y = static_cast<double>(cell.row);
    std::string colour = colourOf(quantity, cell.estimated->mean, low, high);
    boxes.push_back({x, y, x - 0.5, x + 0.5, y - 0.5, y + 0.5,
                     static_cast<double>(colourNumber(colour))});
    plot.label(
        textOf(cell.estimated->mean, std::max(std::abs(low), std::abs(high))),
        fmt::format("{}, {}", x, y),
        fmt::format("center front textcolor rgb '{}'",
                    isDark(colour) ? "#ffffff" : "#000000"));
  }
  if (!boxes.empty())
    plot.draw(fmt::format("{} using 1:2:3:4:5:6:7 with boxxyerror fillstyle "
                          "solid 1 border rgb '#ffffff' linecolor rgb variable",
                          plot.data(boxes)));
  return panel;
}

static void addRow(const std::string &circuit, const Axis &across,
                   const Axis &up, const Quantity &quantity, const Cell &cell,
                   Table &table) {
  std::vector<std::string> row{
      circuit,    across.title(),      across.values[cell.column],
      up.title(), up.values[cell.row], quantity.key};
  appendEstimate(row, cell.estimated);
  table.rows.push_back(std::move(row));
}

FigureOrReason dale::report::drawChannelGrid(const Sources &sources) {
  std::vector<std::string> circuits;
  for (const Run &run : sources.runs.runs)
    if (!run.grid.empty() &&
        std::ranges::find(circuits, run.circuit) == circuits.end())
      circuits.push_back(run.circuit);
  if (circuits.empty())
    return std::string(
        "no run is part of a grid: expected runs of 'dale sweep' with [grid]");
  Figure figure;
  figure.table.columns = {
      "circuit", "across", "across_value", "up",           "up_value",
      "metric",  "n",      "mean",         "interval_low", "interval_high"};
  std::vector<size_t> counts;
  std::string reason;
  for (const std::string &circuit : circuits) {
    std::vector<const Run *> runs;
    for (const Run &run : sources.runs.runs)
      if (!run.grid.empty() && run.circuit == circuit)
        runs.push_back(&run);
    std::vector<Axis> axes = axesOf(runs);
    if (axes.size() != 2) {
      reason = fmt::format("the grid of {} varies {} override{}: expected two "
                           "with two values or more",
                           circuit, axes.size(), axes.size() == 1 ? "" : "s");
      continue;
    }
    Cells byPlace;
    for (const Run *run : runs)
      byPlace[{placeOn(axes[0], *run), placeOn(axes[1], *run)}].push_back(run);
    for (const auto &[place, inCell] : byPlace)
      counts.push_back(inCell.size());
    Group group{circuit, {}, {}};
    for (const Quantity &quantity : quantities()) {
      std::vector<Cell> cells;
      for (const auto &[place, inCell] : byPlace) {
        std::vector<double> values;
        for (const Run *run : inCell)
          if (std::optional<double> value = quantity.get(*run))
            values.push_back(*value);
        cells.push_back({place.first, place.second, estimate(values)});
        addRow(circuit, axes[0], axes[1], quantity, cells.back(), figure.table);
      }
      Panel panel = drawGrid(quantity, axes[0], axes[1], cells);
      if (!panel.plot.isEmpty())
        group.panels.push_back(std::move(panel));
    }
    figure.groups.push_back(std::move(group));
  }
  if (figure.groups.empty())
    return reason;
  figure.caption = fmt::format(
      "As Figures 6 and 11 of the paper: means over the networks of a cell, "
      "{}; "
      "test accuracy after the last epoch, the others at {}. Cells without a "
      "network, or where a side has no value, are white. Accuracy: dark is "
      "low; differences: white is 0, orange positive, blue negative. The table "
      "has intervals. {}",
      countNetworks(counts), epochsOf(sources.runs), intervalNote);
  return figure;
}
