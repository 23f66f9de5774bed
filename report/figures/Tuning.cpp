//===- Tuning.cpp - Figure "tuning": the paper's Figure 8 -----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Units.h"
#include "report/figures/Figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace dale::report;

//===----------------------------------------------------------------------===//
// Gratings
//===----------------------------------------------------------------------===//

/// Brightness 0 to 1 of a grating at a place of the image, as docs/analysis.md
/// has it.
static double grating(double theta, double cycles, double x, double y) {
  double pi = std::numbers::pi;
  double phase =
      cycles * (-(x - pi) * std::sin(theta) + (y - pi) * std::cos(theta));
  return (1 + std::cos(phase)) / 2;
}

/// Orientations in the upper row, frequencies in the lower one.
static Panel drawGratings() {
  constexpr int size = 40, gap = 8, rowGap = 32, shown = 6;
  Panel panel{"gratings of several orientations and frequencies",
              Plot(460, 220)};
  Plot &plot = panel.plot;
  plot.title("gratings");
  std::vector<Plot::Row> pixels;
  for (int row = 0; row < 2; ++row)
    for (int column = 0; column < shown; ++column) {
      double degrees = row == 0 ? 30 * column : 0;
      double cycles = row == 0 ? 3 : cyclesPerImage[column];
      for (int i = 0; i < size; ++i)
        for (int j = 0; j < size; ++j) {
          double twoPi = 2 * std::numbers::pi;
          double value =
              grating(degrees * std::numbers::pi / 180, cycles,
                      (j + 0.5) / size * twoPi, (i + 0.5) / size * twoPi);
          double grey = std::round(255 * value);
          pixels.push_back({static_cast<double>(column * (size + gap) + j),
                            static_cast<double>(-row * (size + rowGap) - i),
                            grey, grey, grey});
        }
      plot.label(row == 0 ? fmt::format("{}°", degrees)
                          : fmt::format("{}", cycles),
                 fmt::format("{}, {}", column * (size + gap) + size / 2,
                             -row * (size + rowGap) - size - 7),
                 "center");
    }
  plot.command("set border 0");
  plot.command("unset xtics");
  plot.command("unset ytics");
  plot.label("orientation, at 3 cycles an image", "0, 9",
             "left textcolor rgb '#444444'");
  plot.label("cycles an image, at 0°",
             fmt::format("0, {}", 9 - (size + rowGap)),
             "left textcolor rgb '#444444'");
  plot.command("set size ratio -1");
  plot.command("set lmargin 1");
  plot.command("set rmargin 1");
  plot.command("set bmargin 0.5");
  plot.xRange(-1, shown * (size + gap));
  plot.yRange(-2 * size - rowGap - 14, 15);
  // White between them: single images, not one with holes.
  std::vector<Plot::Row> one;
  for (size_t i = 0; i < pixels.size(); i += size * size) {
    one.assign(pixels.begin() + static_cast<std::ptrdiff_t>(i),
               pixels.begin() + static_cast<std::ptrdiff_t>(i) + size * size);
    plot.draw(fmt::format("{} using 1:2:3:4:5 with rgbimage", plot.data(one)));
  }
  return panel;
}

//===----------------------------------------------------------------------===//
// Curves
//===----------------------------------------------------------------------===//

namespace {
struct Example {
  const char *which;
  size_t unit;
  double gosi;
};
} // namespace

/// The most, the median and the least selective of the units that have a gOSI;
/// of equal ones, the lowest first.
static std::vector<Example> chooseExamples(const UnitTable &table) {
  std::vector<std::pair<double, size_t>> units;
  for (size_t unit = 0; unit < table.units.size(); ++unit)
    if (std::optional<double> gosi = table.units[unit].get("gosi"))
      units.emplace_back(-*gosi, unit);
  std::ranges::sort(units);
  if (units.empty())
    return {};
  auto example = [&](const char *which, size_t place) {
    return Example{which, units[place].second, -units[place].first};
  };
  if (units.size() == 1)
    return {example("only", 0)};
  std::vector<Example> chosen{example("most", 0)};
  if (units.size() > 2)
    chosen.push_back(example("median", (units.size() - 1) / 2));
  chosen.push_back(example("least", units.size() - 1));
  return chosen;
}

static Panel drawCurves(const Sources &sources, const Run &run,
                        const UnitTable &table,
                        const std::vector<Responses> &responses,
                        const std::vector<Example> &examples, Table &rows) {
  Panel panel{
      fmt::format("tuning curves of {} of {}", table.population, table.area),
      Plot(310, 260)};
  Plot &plot = panel.plot;
  plot.title(fmt::format("{}: {}", table.area, table.population));
  plot.xLabel("orientation (°)");
  plot.yLabel("response / largest");
  plot.xRange(0, 180);
  plot.command("set xtics 45");
  plot.yRange(0, 1.05);
  plot.command("set ytics 0.5");
  plot.keyBelow(3, 1);
  int dash = 1;
  for (const Example &example : examples) {
    std::vector<double> curve = tuningCurve(responses[example.unit]);
    double largest = std::ranges::max(curve);
    std::vector<Plot::Row> points;
    for (int i = 0; i < orientations; ++i) {
      points.push_back({i * degreesApart, curve[i] / largest});
      rows.rows.push_back({run.condition, fmt::format("{}", run.seed),
                           table.area, table.population, example.which,
                           fmt::format("{}", example.unit), cell(example.gosi),
                           cell(i * degreesApart), cell(curve[i])});
    }
    // Orientations go round.
    points.push_back({180, curve[0] / largest});
    plot.draw(fmt::format("{} using 1:2 with lines linewidth 1.8 dashtype {} "
                          "linecolor rgb '{}'",
                          plot.data(points), dash++,
                          sources.palette.of(table.population)),
              fmt::format("{}: unit {}, gOSI {:.2f}", example.which,
                          example.unit, example.gosi));
  }
  return panel;
}

/// The network of a condition that is shown: the lowest seed that has kept its
/// responses.
static const Run *exampleOf(const Sources &sources,
                            const std::string &condition) {
  for (const Run *run : sources.runs.of(condition))
    if (run->latest() && hasGratings(*run->latest()))
      return run;
  return nullptr;
}

FigureOrReason dale::report::drawTuning(const Sources &sources) {
  Figure figure;
  figure.table.columns = {"condition",  "seed",        "area",
                          "population", "example",     "unit",
                          "gosi",       "orientation", "response"};
  for (const std::string &condition : sources.drawnConditions()) {
    const Run *run = exampleOf(sources, condition);
    if (!run)
      continue;
    const Analysis &analysis = *run->latest();
    Group group{fmt::format("{}, seed {}", condition, run->seed), {}, {}};
    for (const UnitTable &table : readUnits(analysis)) {
      std::vector<Example> examples = chooseExamples(table);
      if (!examples.empty())
        group.panels.push_back(
            drawCurves(sources, *run, table,
                       readGratings(analysis, table.area, table.population),
                       examples, figure.table));
    }
    if (!group.panels.empty())
      figure.groups.push_back(std::move(group));
  }
  if (figure.groups.empty())
    return std::string("no run has kept the responses of units that respond: "
                       "train or analyze with --save-responses gratings");
  Group gratings;
  gratings.panels.push_back(drawGratings());
  figure.groups.insert(figure.groups.begin(), std::move(gratings));
  figure.caption = fmt::format(
      "As Figure 8 of the paper. Above: gratings as units see them, before "
      "standardization. Below: tuning curves, n = 1 network a condition, the "
      "one of the lowest seed, at {}; of each population the unit that is most "
      "selective by gOSI, the median one and the least selective one, among "
      "those that respond. A curve is taken at the frequency and phase of the "
      "unit's largest response, and is drawn in parts of it. There are no "
      "intervals.{}",
      epochsOf(sources.runs), sources.drawnConditionsNote());
  return figure;
}
