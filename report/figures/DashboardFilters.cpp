//===- DashboardFilters.cpp - Filters of single runs ----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/figures/Dashboard.h"

#include "runtime/io/Safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace dale::report;
namespace runtime = dale::runtime;
namespace fs = std::filesystem;

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
static Panel drawArea(const Run &run, const std::string &area,
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

std::vector<Panel> dale::report::drawFilters(const Run &run) {
  std::vector<Panel> panels;
  for (const auto &[area, filters] : readFilters(run))
    panels.push_back(drawArea(run, area, filters));
  return panels;
}
