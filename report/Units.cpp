//===- Units.cpp - Single units of an analysis ----------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Units.h"

#include "runtime/Error.h"
#include "runtime/io/Safetensors.h"

#include <algorithm>
#include <charconv>

using namespace dale::report;
using namespace dale::runtime;
namespace fs = std::filesystem;

std::optional<double> Unit::get(const std::string &metric) const {
  auto found = metrics.find(metric);
  if (found == metrics.end())
    return std::nullopt;
  return found->second;
}

static UnitTable *findTable(std::vector<UnitTable> &tables,
                            const Measurement &row) {
  auto table = std::ranges::find_if(tables, [&](const UnitTable &each) {
    return each.area == row.area && each.population == row.population;
  });
  return table == tables.end() ? nullptr : &*table;
}

/// The number that a row has of a unit, below `count`.
static std::optional<size_t> unitOf(const Measurement &row, size_t count) {
  size_t unit = 0;
  const char *end = row.unit.data() + row.unit.size();
  auto [rest, error] = std::from_chars(row.unit.data(), end, unit);
  if (error != std::errc() || rest != end || unit >= count)
    return std::nullopt;
  return unit;
}

std::vector<UnitTable> dale::report::readUnits(const Analysis &analysis) {
  fs::path file = analysis.folder / "analysis.csv";
  if (!fs::exists(file))
    return {};
  std::vector<UnitTable> tables;
  for (const Population &population : analysis.populations)
    tables.push_back({population.area, population.name,
                      std::vector<Unit>(population.units)});
  const char *mend = "analyze the run again";
  for (const Measurement &row : readMeasurements(file, mend)) {
    if (row.unit.empty())
      continue;
    UnitTable *table = findTable(tables, row);
    std::optional<size_t> unit;
    if (table)
      unit = unitOf(row, table->units.size());
    if (!unit)
      fail("{}:{}: unit '{}' of {}.{} is not in analysis.json: expected the "
           "units that it counts, from 0 on; {}",
           file.string(), row.line, row.unit, row.area, row.population, mend);
    table->units[*unit].metrics[row.metric] = row.value;
  }
  return tables;
}

std::vector<double> dale::report::tuningCurve(const Responses &responses) {
  auto largest = std::ranges::max_element(responses) - responses.begin();
  std::vector<double> curve;
  for (int orientation = 0; orientation < orientations; ++orientation)
    curve.push_back(responses[orientation * frequencies * phases +
                              largest % (frequencies * phases)]);
  return curve;
}

static fs::path fileOf(const Analysis &analysis) {
  return analysis.folder / "analysis.safetensors";
}

bool dale::report::hasGratings(const Analysis &analysis) {
  if (!fs::exists(fileOf(analysis)))
    return false;
  TensorReader reader(fileOf(analysis));
  return std::ranges::any_of(reader.tensors(), [](const TensorInfo &tensor) {
    return tensor.name.starts_with("gratings.");
  });
}

std::vector<Responses>
dale::report::readGratings(const Analysis &analysis, const std::string &area,
                           const std::string &population) {
  TensorReader reader(fileOf(analysis));
  const TensorInfo &tensor =
      reader.get(fmt::format("gratings.{}.{}", area, population));
  const Population *known = analysis.find(area, population);
  Shape expected{known ? known->units : 0, orientations, frequencies, phases};
  if (tensor.shape != expected)
    fail("{}: the tensor '{}' has the shape {}: expected {}; analyze the run "
         "again",
         reader.path().string(), tensor.name, toString(tensor.shape),
         toString(expected));
  std::vector<double> values(static_cast<size_t>(tensor.elements()));
  reader.readReal(tensor, ElementType::F64, values.data());
  constexpr int64_t gratings = orientations * frequencies * phases;
  std::vector<Responses> units;
  for (int64_t unit = 0; unit < expected[0]; ++unit)
    units.emplace_back(values.begin() + unit * gratings,
                       values.begin() + (unit + 1) * gratings);
  return units;
}
