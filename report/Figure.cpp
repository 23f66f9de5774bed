//===- Figure.cpp - A figure of a report ----------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

using namespace dale::report;

static constexpr size_t mostConditions = 8;

static std::vector<std::string> populationsOf(const Runs &runs) {
  std::set<std::string> names;
  for (const Run &run : runs.runs)
    for (const auto &[epoch, analysis] : run.analyses)
      for (const Population &population : analysis.populations)
        names.insert(population.name);
  return {names.begin(), names.end()};
}

Sources::Sources(const Runs &runs)
    : runs(runs), palette(populationsOf(runs)), conditions(runs.conditions()) {}

std::vector<std::string> Sources::drawnConditions() const {
  std::vector<std::string> drawn = conditions;
  if (drawn.size() > mostConditions)
    drawn.resize(mostConditions);
  return drawn;
}

std::string Sources::drawnConditionsNote() const {
  if (conditions.size() <= mostConditions)
    return "";
  return fmt::format(" The first {} of {} conditions are drawn; the table has "
                     "all.",
                     mostConditions, conditions.size());
}

std::string dale::report::countNetworks(const std::vector<size_t> &counts) {
  if (counts.empty())
    return "n = 0 networks";
  auto [least, most] = std::ranges::minmax(counts);
  if (least != most)
    return fmt::format("n = {} to {} networks", least, most);
  return fmt::format("n = {} network{}", most, most == 1 ? "" : "s");
}

const char *const dale::report::intervalNote =
    "Intervals are 95 % percentile bootstrap intervals of the mean over "
    "networks (10,000 resamples, fixed seed); a single network has none.";

std::string dale::report::headingOf(const std::string &condition,
                                    size_t networks) {
  return fmt::format("{} (n = {})", condition, networks);
}

std::string dale::report::epochsOf(const Runs &runs) {
  std::set<int64_t> epochs;
  for (const Run &run : runs.runs)
    if (const Analysis *analysis = run.latest())
      epochs.insert(analysis->epoch);
  if (epochs.empty())
    return "no epoch";
  if (epochs.size() == 1)
    return fmt::format("epoch {}", *epochs.begin());
  return fmt::format("epochs {} to {}", *epochs.begin(), *epochs.rbegin());
}

double dale::report::jitter(size_t index, size_t n) {
  return n < 2
             ? 0
             : 0.4 * (static_cast<double>(index) / static_cast<double>(n - 1) -
                      0.5);
}
