//===- Dashboard.cpp - Figure "dashboard": all about single runs ----------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/figures/Dashboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace dale::report;

/// A page with the filters of dozens of networks would be too large to send.
static constexpr size_t mostRuns = 12;

//===----------------------------------------------------------------------===//
// Curves
//===----------------------------------------------------------------------===//

/// A metric in training and in the test, epoch by epoch.
static Panel drawCurve(const Run &run, const std::string &what, double low,
                       double high, const char *unit) {
  Panel panel{fmt::format("{} of {}", what, run.name), Plot(310, 220)};
  Plot &plot = panel.plot;
  plot.title(what);
  plot.xLabel("epoch");
  plot.yLabel(unit);
  plot.keyBelow(1, 2);
  int dash = 2;
  std::pair<int64_t, int64_t> epochs{INT64_MAX, INT64_MIN};
  for (const char *part : {"train", "test"}) {
    auto curve = run.curves.find(fmt::format("{}_{}", part, what));
    if (curve == run.curves.end())
      continue;
    std::vector<Plot::Row> rows;
    for (const auto &[epoch, value] : curve->second) {
      rows.push_back({static_cast<double>(epoch), value});
      low = std::fmin(low, value);
      high = std::fmax(high, value);
      epochs = {std::min(epochs.first, epoch), std::max(epochs.second, epoch)};
    }
    plot.draw(fmt::format("{} using 1:2 with linespoints pointtype 7 pointsize "
                          "0.4 linewidth 1.8 dashtype {} linecolor rgb "
                          "'#222222'",
                          plot.data(rows), dash--),
              part);
  }
  if (epochs.first < epochs.second && epochs.second - epochs.first < 7)
    plot.command("set xtics 1"); // whole epochs only
  if (epochs.first == epochs.second) {
    plot.xTics(
        {{static_cast<double>(epochs.first), fmt::format("{}", epochs.first)}});
    plot.xRange(static_cast<double>(epochs.first) - 1,
                static_cast<double>(epochs.first) + 1);
  }
  plot.yNice(low, high);
  return panel;
}

//===----------------------------------------------------------------------===//
// Confusion
//===----------------------------------------------------------------------===//

static Panel drawConfusion(const Run &run) {
  const Analysis &analysis = *run.latest();
  int classes = static_cast<int>(analysis.confusion.size());
  // Counts where there is room for them.
  bool counted = classes <= 20;
  int cell = counted ? 30 : std::max(400 / classes, 1);
  Panel panel{"confusion of classes by " + run.name,
              Plot(150 + cell * classes, 130 + cell * classes)};
  Plot &plot = panel.plot;
  plot.title("test images by class and answer");
  plot.xLabel("class read out");
  plot.yLabel("true class");
  plot.command("set border 0");
  plot.command("set tics scale 0");
  Plot::Tics across, up;
  for (int i = 0; i < classes; ++i) {
    std::string name = i < std::ssize(analysis.classNames)
                           ? analysis.classNames[i]
                           : fmt::format("{}", i);
    if (counted || i % 100 == 0) {
      across.emplace_back(i, name);
      up.emplace_back(-i, name);
    }
  }
  plot.xTics(across, analysis.classNames.empty() ? 0 : 50);
  plot.yTics(up);
  plot.xRange(-0.5, classes - 0.5);
  plot.yRange(0.5 - classes, 0.5);
  std::vector<Plot::Row> boxes;
  for (int i = 0; i < classes; ++i) {
    int64_t images = 0;
    for (int64_t count : analysis.confusion[i])
      images += count;
    for (int j = 0; j < classes; ++j) {
      int64_t count = analysis.confusion[i][j];
      if (count == 0)
        continue;
      double share = static_cast<double>(count) / static_cast<double>(images);
      // From white, so that what is rare is pale.
      std::string colour = divergingColour(-share);
      boxes.push_back({static_cast<double>(j), static_cast<double>(-i), j - 0.5,
                       j + 0.5, -i - 0.5, -i + 0.5,
                       static_cast<double>(colourNumber(colour))});
      if (counted)
        plot.label(fmt::format("{}", count), fmt::format("{}, {}", j, -i),
                   fmt::format("center front font ',10' textcolor rgb '{}'",
                               isDark(colour) ? "#ffffff" : "#000000"));
    }
  }
  if (!boxes.empty())
    plot.draw(fmt::format("{} using 1:2:3:4:5:6:7 with boxxyerror fillstyle "
                          "solid 1 noborder linecolor rgb variable",
                          plot.data(boxes)));
  return panel;
}

//===----------------------------------------------------------------------===//
// Preferred orientations
//===----------------------------------------------------------------------===//

static Panel drawPreferences(const Sources &sources, const Run &run,
                             const std::string &area,
                             const std::vector<UnitTable> &tables) {
  Panel panel{fmt::format("preferred orientations in {} of {}", area, run.name),
              Plot(310, 220)};
  Plot &plot = panel.plot;
  plot.title(area + ": preferred orientation");
  plot.xLabel("orientation (°)");
  plot.yLabel("units (%)");
  plot.xRange(-5, 175);
  plot.command("set xtics 45");
  double most = 1;
  int names = 0;
  for (const UnitTable &table : tables) {
    if (table.area != area)
      continue;
    std::vector<double> counts(orientations);
    double responding = 0;
    for (const Unit &unit : table.units)
      if (std::optional<double> degrees = unit.get("preferred_orientation")) {
        counts[static_cast<size_t>(std::lround(*degrees / degreesApart)) %
               orientations] += 1;
        ++responding;
      }
    if (responding == 0)
      continue;
    std::vector<Plot::Row> rows;
    for (int i = 0; i < orientations; ++i) {
      rows.push_back({i * degreesApart, 100 * counts[i] / responding});
      most = std::max(most, rows.back()[1]);
    }
    ++names;
    plot.draw(fmt::format("{} using 1:2 with histeps linewidth 1.8 linecolor "
                          "rgb '{}'",
                          plot.data(rows),
                          sources.palette.of(table.population)),
              fmt::format("{} (n = {})", table.population, responding));
  }
  plot.keyBelow((names + 1) / 2, 2);
  plot.yNice(0, most);
  return panel;
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

/// If there are too many runs, the lowest seeds of all conditions first.
static std::vector<const Run *> chooseRuns(const Runs &runs) {
  std::vector<std::pair<size_t, const Run *>> ranked;
  for (const std::string &condition : runs.conditions()) {
    size_t rank = 0;
    for (const Run *run : runs.of(condition))
      ranked.emplace_back(rank++, run);
  }
  std::ranges::stable_sort(ranked, {}, &std::pair<size_t, const Run *>::first);
  if (ranked.size() > mostRuns)
    ranked.resize(mostRuns);
  std::vector<const Run *> chosen;
  for (const Run &run : runs.runs)
    for (const auto &[rank, each] : ranked)
      if (each == &run)
        chosen.push_back(each);
  return chosen;
}

static Group drawRun(const Sources &sources, const Run &run) {
  Group group{run.name, {}, {}};
  group.panels.push_back(
      drawCurve(run, "loss", 0, none, "cross-entropy (nats)"));
  group.panels.push_back(drawCurve(run, "accuracy", 0, 1, "share of images"));
  if (run.latest() && !run.latest()->confusion.empty())
    group.panels.push_back(drawConfusion(run));
  std::vector<UnitTable> tables;
  if (run.latest()) {
    tables = readUnits(*run.latest());
    for (const std::string &area : run.latest()->areas())
      group.panels.push_back(drawPreferences(sources, run, area, tables));
    group.units = describeUnits(sources, run, tables);
  }
  for (Panel &panel : drawFilters(run))
    group.panels.push_back(std::move(panel));
  std::erase_if(group.panels,
                [](const Panel &panel) { return panel.plot.isEmpty(); });
  return group;
}

FigureOrReason dale::report::drawDashboard(const Sources &sources) {
  Figure figure;
  figure.separateGroups = true;
  figure.table.columns = {"condition", "seed", "epoch", "metric", "value"};
  std::vector<const Run *> chosen = chooseRuns(sources.runs);
  for (const Run *run : chosen) {
    figure.groups.push_back(drawRun(sources, *run));
    for (const auto &[metric, curve] : run->curves)
      for (const auto &[epoch, value] : curve)
        figure.table.rows.push_back(
            {run->condition, fmt::format("{}", run->seed),
             fmt::format("{}", epoch), metric, cell(value)});
  }
  std::erase_if(figure.groups, [](const Group &group) {
    return group.panels.empty() && group.units.empty();
  });
  if (figure.groups.empty())
    return std::string("no run has metrics.csv, an analysis or a checkpoint");
  figure.caption = fmt::format(
      "One run at a time (n = 1, no intervals). Loss and accuracy by epoch; "
      "the test images by true class and the class read out, coloured by the "
      "share of the class; preferred orientations of the units that respond; "
      "the first 32 depthwise filters of each projection, as the constraint "
      "lets them through, from 0 (dark) to the projection's largest (yellow), "
      "or blue for negative and orange for positive weights. The unit browser "
      "has all units' measures and, where responses were kept, tuning curves "
      "at the frequency and phase of the largest response.{}",
      chosen.size() < sources.runs.runs.size()
          ? fmt::format(" {} of {} runs are here, the lowest seeds of each "
                        "condition; give 'dale report' others for theirs.",
                        chosen.size(), sources.runs.runs.size())
          : "");
  return figure;
}
