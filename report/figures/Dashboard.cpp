//===- Dashboard.cpp - Figure "dashboard": all about single runs ----------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Units.h"
#include "report/figures/Figures.h"

#include "runtime/io/Safetensors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>

using namespace dale::report;
namespace runtime = dale::runtime;
namespace fs = std::filesystem;

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
  plot.yLabel("responding units (%)");
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
// Filters
//===----------------------------------------------------------------------===//

namespace {
/// The depthwise kernels of a projection, as the constraint lets them through.
struct Filters {
  std::string title;
  int64_t height = 0, width = 0, count = 0;
  /// [height, width, count]
  std::vector<double> values;
};
} // namespace

static std::string constraintOf(const Run &run, const std::string &area,
                                const std::string &name) {
  if (run.latest())
    for (const Projection &projection : run.latest()->projections)
      if (projection.area == area && projection.name == name)
        return projection.constraint;
  return "free";
}

/// Those of each area, by the names of the checkpoint's tensors:
/// A.S_to_T.depthwise.
static std::vector<std::pair<std::string, std::vector<Filters>>>
readFilters(const Run &run) {
  fs::path file = run.folder / "checkpoint.safetensors";
  if (!fs::exists(file))
    return {};
  runtime::TensorReader reader(file);
  std::vector<std::string> names;
  static constexpr std::string_view end = ".depthwise";
  for (const runtime::TensorInfo &tensor : reader.tensors())
    // The optimizer's momentum of each has its name too.
    if (tensor.name.ends_with(end) && !tensor.name.starts_with("momentum.") &&
        tensor.shape.size() == 3 && runtime::isReal(tensor.type) &&
        tensor.name.find('.') < tensor.name.size() - end.size())
      names.push_back(tensor.name);
  std::ranges::sort(names, naturalLess);
  std::vector<std::pair<std::string, std::vector<Filters>>> areas;
  for (const std::string &name : names) {
    size_t dot = name.find('.');
    std::string area = name.substr(0, dot),
                projection =
                    name.substr(dot + 1, name.size() - dot - 1 - end.size());
    const runtime::TensorInfo &tensor = reader.get(name);
    Filters filters{
        projection, tensor.shape[0], tensor.shape[1], tensor.shape[2], {}};
    if (size_t to = filters.title.find("_to_"); to != filters.title.npos)
      filters.title.replace(to, 4, " → ");
    filters.values.resize(static_cast<size_t>(tensor.elements()));
    reader.readReal(tensor, runtime::ElementType::F64, filters.values.data());
    std::string constraint = constraintOf(run, area, projection);
    for (double &value : filters.values) {
      if (constraint == "abs")
        value = std::abs(value);
      else if (constraint == "rectify")
        value = std::max(value, 0.0);
    }
    if (areas.empty() || areas.back().first != area)
      areas.push_back({area, {}});
    areas.back().second.push_back(std::move(filters));
  }
  return areas;
}

/// All projections of an area below each other, their first filters in rows.
static Panel drawFilters(const Run &run, const std::string &area,
                         const std::vector<Filters> &all) {
  constexpr int64_t perRow = 16, mostRows = 2;
  int64_t cell = 0;
  for (const Filters &filters : all)
    cell = std::max({cell, filters.height + 1, filters.width + 1});
  struct Pixel {
    int64_t x, y;
    std::string colour;
  };
  std::vector<Pixel> pixels;
  std::vector<std::pair<int64_t, std::string>> names;
  int64_t y = 0;
  for (const Filters &filters : all) {
    double most = 0;
    bool negative = false;
    for (double value : filters.values) {
      most = std::max(most, std::abs(value));
      negative |= value < 0;
    }
    int64_t shown = std::min(filters.count, perRow * mostRows);
    int64_t rows = (shown + perRow - 1) / perRow;
    names.emplace_back(y + (rows * cell - 1) / 2, filters.title);
    for (int64_t i = 0; i < filters.height; ++i)
      for (int64_t j = 0; j < filters.width; ++j)
        for (int64_t k = 0; k < shown; ++k) {
          double value =
              filters.values[(i * filters.width + j) * filters.count + k];
          double part = most > 0 ? value / most : 0;
          pixels.push_back(
              {k % perRow * cell + j, y + k / perRow * cell + i,
               negative ? divergingColour(part) : sequentialColour(part)});
        }
    y += rows * cell + 2;
  }
  int64_t width = perRow * cell - 1, height = y - 3;
  Panel panel{fmt::format("depthwise filters of {} of {}", area, run.name),
              Plot(130 + static_cast<int>(5 * width),
                   50 + static_cast<int>(5 * height))};
  Plot &plot = panel.plot;
  plot.title(area + ": depthwise filters");
  plot.command("set border 0");
  plot.command("set tics scale 0");
  plot.command("unset xtics");
  plot.command("set bmargin 0.6");
  Plot::Tics tics;
  for (const auto &[at, name] : names)
    tics.emplace_back(static_cast<double>(-at), name);
  plot.yTics(tics);
  plot.xRange(-0.5, static_cast<double>(width) - 0.5);
  plot.yRange(0.5 - static_cast<double>(height), 0.5);
  // One image with every pixel: gnuplot takes no holes.
  std::vector<std::string> colours(static_cast<size_t>(width * height),
                                   "#ffffff");
  for (const Pixel &pixel : pixels)
    colours[static_cast<size_t>(pixel.y * width + pixel.x)] = pixel.colour;
  std::vector<Plot::Row> rows;
  for (int64_t i = 0; i < height; ++i)
    for (int64_t j = 0; j < width; ++j) {
      int number = colourNumber(colours[static_cast<size_t>(i * width + j)]);
      rows.push_back({static_cast<double>(j), static_cast<double>(-i),
                      static_cast<double>(number >> 16),
                      static_cast<double>(number >> 8 & 255),
                      static_cast<double>(number & 255)});
    }
  plot.draw(fmt::format("{} using 1:2:3:4:5 with rgbimage", plot.data(rows)));
  return panel;
}

//===----------------------------------------------------------------------===//
// Units
//===----------------------------------------------------------------------===//

/// As many digits as a reader wants.
static double rounded(double value) {
  return std::stod(fmt::format("{:.4g}", value));
}

/// All units: the names of metrics once, and of each unit its values and, where
/// responses were kept, its tuning curve.
static std::string describeUnits(const Sources &sources, const Run &run,
                                 const std::vector<UnitTable> &tables) {
  if (tables.empty())
    return "";
  std::set<std::string> metrics;
  for (const UnitTable &table : tables)
    for (const Unit &unit : table.units)
      for (const auto &[metric, value] : unit.metrics)
        metrics.insert(metric);
  using nlohmann::ordered_json;
  bool gratings = hasGratings(*run.latest());
  ordered_json populations = ordered_json::array();
  for (const UnitTable &table : tables) {
    std::vector<Responses> responses;
    if (gratings)
      responses = readGratings(*run.latest(), table.area, table.population);
    ordered_json units = ordered_json::array();
    for (size_t i = 0; i < table.units.size(); ++i) {
      ordered_json values = ordered_json::array(), curve;
      for (const std::string &metric : metrics) {
        std::optional<double> value = table.units[i].get(metric);
        values.push_back(value ? ordered_json(rounded(*value))
                               : ordered_json());
      }
      if (gratings)
        for (double response : tuningCurve(responses[i]))
          curve.push_back(rounded(response));
      units.push_back({std::move(values), std::move(curve)});
    }
    populations.push_back({{"area", table.area},
                           {"population", table.population},
                           {"colour", sources.palette.of(table.population)},
                           {"units", std::move(units)}});
  }
  ordered_json all = {{"metrics", metrics},
                      {"populations", std::move(populations)}};
  // Names in files may be anything but UTF-8.
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
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
  for (const auto &[area, filters] : readFilters(run))
    group.panels.push_back(drawFilters(run, area, filters));
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
