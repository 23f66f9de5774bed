//===- DashboardUnits.cpp - What the unit browser shows -------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/figures/Dashboard.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <set>

using namespace dale::report;

/// As many digits as a reader wants.
static double rounded(double value) {
  std::string text = fmt::format("{:.4g}", value);
  // A value that this cannot read, it leaves as it was.
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string dale::report::describeUnits(const Sources &sources, const Run &run,
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
