//===- OverTraining.cpp - Figure "over-training": the paper's Figures 5 and 10
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
/// The estimates of one quantity, epoch by epoch.
struct Line {
  std::string title;
  std::string colour;
  int dash = 1;
  std::vector<std::pair<int64_t, Estimate>> points;
};

/// What a line of the table says of the line in the picture.
struct Subject {
  std::string area;
  std::string what;
  std::string metric;
};

/// The networks of a condition, at the epochs when any was analyzed.
class Course {
public:
  Course(const Sources &sources, const std::string &condition, Table &table)
      : palette(sources.palette), condition(condition), table(table) {
    for (const Run *run : sources.runs.of(condition))
      if (run->analyses.size() > 1)
        runs.push_back(run);
    for (const Run *run : runs)
      for (const auto &[epoch, analysis] : run->analyses)
        epochs.insert(epoch);
  }

  bool isEmpty() const { return runs.empty(); }
  size_t networks() const { return runs.size(); }

  /// All panels of the condition.
  std::vector<Panel> draw();

private:
  using Get =
      std::function<std::optional<double>(const Run &, const Analysis &)>;

  Line trace(const Subject &subject, const std::string &title,
             const std::string &colour, int dash, const Get &get);
  Panel panelOf(const std::string &title, const std::string &yLabel,
                const std::vector<Line> &lines, double low, double high) const;
  void drawArea(const std::string &area, std::vector<Panel> &panels);
  Panel drawDensities(const std::string &area);

  /// The analysis that has the most to say: they have the same circuit.
  const Analysis &example() const { return *runs.front()->latest(); }

  const Palette &palette;
  const std::string &condition;
  Table &table;
  std::vector<const Run *> runs;
  std::set<int64_t> epochs;
};
} // namespace

Line Course::trace(const Subject &subject, const std::string &title,
                   const std::string &colour, int dash, const Get &get) {
  Line line{title, colour, dash, {}};
  for (int64_t epoch : epochs) {
    std::vector<double> values;
    for (const Run *run : runs)
      if (auto analysis = run->analyses.find(epoch);
          analysis != run->analyses.end())
        if (std::optional<double> value = get(*run, analysis->second))
          values.push_back(*value);
    std::optional<Estimate> estimated = estimate(values);
    if (!estimated)
      continue;
    line.points.emplace_back(epoch, *estimated);
    std::vector<std::string> row{condition, fmt::format("{}", epoch),
                                 subject.area, subject.what, subject.metric};
    appendEstimate(row, estimated);
    table.rows.push_back(std::move(row));
  }
  return line;
}

Panel Course::panelOf(const std::string &title, const std::string &yLabel,
                      const std::vector<Line> &lines, double low,
                      double high) const {
  int count = static_cast<int>(lines.size());
  bool many = count > 4;
  int columns = many ? 2 : count, rows = (count + columns - 1) / columns;
  Panel panel{fmt::format("{} of {} over training", title, condition),
              Plot(many ? 380 : 310, many ? 205 + 23 * rows : 220)};
  Plot &plot = panel.plot;
  plot.title(title);
  plot.xLabel("epoch");
  plot.yLabel(yLabel);
  double first = static_cast<double>(*epochs.begin()),
         last = static_cast<double>(*epochs.rbegin());
  plot.xRange(first - 0.02 * (last - first), last + 0.02 * (last - first));
  if (last - first < 6)
    plot.command("set xtics 1"); // whole epochs only
  if (count > 1)
    plot.keyBelow(rows, columns);
  for (const Line &line : lines) {
    std::vector<Plot::Row> points;
    bool sure = false;
    for (const auto &[epoch, estimated] : line.points) {
      points.push_back({static_cast<double>(epoch), estimated.mean,
                        estimated.low(), estimated.high()});
      sure |= estimated.interval.has_value();
      low = std::fmin(low, estimated.low());
      high = std::fmax(high, estimated.high());
    }
    if (points.empty())
      continue;
    std::string data = plot.data(points);
    if (sure)
      plot.draw(fmt::format("{} using 1:3:4 with filledcurves fillcolor rgb "
                            "'{}' fillstyle transparent solid 0.18 noborder",
                            data, line.colour));
    plot.draw(fmt::format("{} using 1:2 with linespoints pointtype 7 "
                          "pointsize 0.5 linewidth 1.8 dashtype {} linecolor "
                          "rgb '{}'",
                          data, line.dash, line.colour),
              line.title);
  }
  plot.yNice(low, high);
  return panel;
}

Panel Course::drawDensities(const std::string &area) {
  std::vector<Line> lines;
  std::map<std::string, int> dashes;
  for (const Projection &projection : example().projections) {
    if (projection.area != area)
      continue;
    int dash = ++dashes[projection.source];
    lines.push_back(
        trace({area, projection.name, "density"}, projection.title(),
              palette.of(projection.source), dash,
              [&](const Run &, const Analysis &at) -> std::optional<double> {
                for (const Projection &each : at.projections)
                  if (each.area == area && each.name == projection.name)
                    return each.density;
                return std::nullopt;
              }));
  }
  return panelOf(area + ": density", "share above threshold", lines, 0, 1);
}

void Course::drawArea(const std::string &area, std::vector<Panel> &panels) {
  for (Measure measure : allMeasures) {
    std::vector<Line> lines;
    for (const Population &population : example().populations)
      if (population.area == area)
        lines.push_back(trace(
            {area, population.name, keyOf(measure)}, population.name,
            palette.of(population.name), 1,
            [&](const Run &, const Analysis &at) -> std::optional<double> {
              const Population *same = at.find(area, population.name);
              return same ? same->means[measure] : std::nullopt;
            }));
    panels.push_back(panelOf(fmt::format("{}: {}", area, titleOf(measure)),
                             "mean of units", lines, measure == Gosi ? 0 : none,
                             measure == Gosi ? 1 : none));
  }
  panels.push_back(drawDensities(area));
}

std::vector<Panel> Course::draw() {
  std::vector<Panel> panels;
  std::string black = "#000000";
  panels.push_back(panelOf("test accuracy", "test accuracy",
                           {trace({"", "", "test_accuracy"}, "", black, 1,
                                  [](const Run &run, const Analysis &at) {
                                    return run.testAccuracyAt(at.epoch);
                                  })},
                           0, 1));
  panels.push_back(
      panelOf("image skewness, PN − Int", "difference",
              {trace({"", "", "image_skewness_difference"}, "", black, 1,
                     [](const Run &, const Analysis &at) {
                       return at.imageSkewnessDifference;
                     })},
              none, none));
  panels.push_back(panelOf("density, Int→PN − PN→PN", "difference",
                           {trace({"", "", "density_difference"}, "", black, 1,
                                  [](const Run &, const Analysis &at) {
                                    return at.densityDifference;
                                  })},
                           none, none));
  for (const std::string &area : example().areas())
    drawArea(area, panels);
  std::erase_if(panels,
                [](const Panel &panel) { return panel.plot.isEmpty(); });
  return panels;
}

FigureOrReason dale::report::drawOverTraining(const Sources &sources) {
  Figure figure;
  figure.table.columns = {
      "condition",    "epoch", "area", "population_or_projection",
      "metric",       "n",     "mean", "interval_low",
      "interval_high"};
  std::vector<std::string> drawn = sources.drawnConditions();
  std::vector<size_t> counts;
  for (const std::string &condition : sources.conditions) {
    Course course(sources, condition, figure.table);
    if (course.isEmpty())
      continue;
    counts.push_back(course.networks());
    Group group{headingOf(condition, course.networks()), course.draw()};
    if (std::ranges::find(drawn, condition) != drawn.end())
      figure.groups.push_back(std::move(group));
  }
  if (counts.empty())
    return std::string("no run has analyses of two epochs or more: train with "
                       "--analyze-at 0,1,2,5 or the like");
  figure.caption = fmt::format(
      "As Figures 5 and 10 of the paper: measures at the epochs when networks "
      "were analyzed, means over the networks of a condition, {}, with "
      "intervals as bands. Epoch 0 is before training. Densities are coloured "
      "by the source. {}{}",
      countNetworks(counts), intervalNote, sources.drawnConditionsNote());
  return figure;
}
