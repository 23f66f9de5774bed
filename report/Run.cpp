//===- Run.cpp - A trained network as its run folder tells of it ----------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Run.h"

#include <algorithm>
#include <charconv>

using namespace dale::report;

const char *dale::report::keyOf(Measure measure) {
  static constexpr std::array names{"gosi", "orientation_skewness",
                                    "image_skewness"};
  return names[measure];
}

const char *dale::report::titleOf(Measure measure) {
  static constexpr std::array names{"gOSI", "orientation skewness",
                                    "image skewness"};
  return names[measure];
}

std::string Projection::title() const {
  std::string from = source;
  if (sourceArea && *sourceArea != area)
    from = *sourceArea + "." + source;
  return from + " → " + target;
}

const Population *Analysis::find(const std::string &area,
                                 const std::string &name) const {
  for (const Population &population : populations)
    if (population.area == area && population.name == name)
      return &population;
  return nullptr;
}

std::vector<std::string> Analysis::areas() const {
  std::vector<std::string> names;
  for (const Population &population : populations)
    if (std::ranges::find(names, population.area) == names.end())
      names.push_back(population.area);
  return names;
}

namespace {
/// The mean over areas; of none, there is no mean.
struct MeanOfAreas {
  double sum = 0;
  int count = 0;

  void add(double value) {
    sum += value;
    ++count;
  }
  std::optional<double> get() const {
    return count ? std::optional(sum / count) : std::nullopt;
  }
};
} // namespace

std::optional<double> Analysis::unitMeanIn(const std::string &area,
                                           bool principal,
                                           Measure measure) const {
  double sum = 0;
  int64_t units = 0;
  for (const Population &population : populations)
    if (population.area == area && population.principal == principal &&
        population.means[measure]) {
      sum += *population.means[measure] *
             static_cast<double>(population.measured[measure]);
      units += population.measured[measure];
    }
  return units ? std::optional(sum / static_cast<double>(units)) : std::nullopt;
}

std::optional<double> Analysis::unitMean(bool principal,
                                         Measure measure) const {
  MeanOfAreas mean;
  for (const std::string &area : areas())
    if (std::optional<double> value = unitMeanIn(area, principal, measure))
      mean.add(*value);
  return mean.get();
}

std::optional<double> Analysis::density(bool fromPrincipal) const {
  MeanOfAreas mean;
  for (const std::string &area : areas()) {
    int64_t above = 0, weights = 0;
    for (const Projection &projection : projections) {
      const Population *source = find(area, projection.source),
                       *target = find(area, projection.population);
      if (projection.area != area || !projection.isWithinArea() || !source ||
          !target || !target->principal || projection.site == "memory" ||
          source->principal != fromPrincipal)
        continue;
      above += projection.above;
      weights += projection.weights;
    }
    if (weights)
      mean.add(static_cast<double>(above) / static_cast<double>(weights));
  }
  return mean.get();
}

std::optional<double> Analysis::unitDifference(Measure measure) const {
  MeanOfAreas mean;
  for (const std::string &area : areas()) {
    std::optional<double> principal = unitMeanIn(area, true, measure),
                          others = unitMeanIn(area, false, measure);
    if (principal && others)
      mean.add(*principal - *others);
  }
  return mean.get();
}

std::optional<double> Run::testAccuracyAt(int64_t epoch) const {
  if (auto analysis = analyses.find(epoch);
      analysis != analyses.end() && analysis->second.testAccuracy)
    return analysis->second.testAccuracy;
  auto curve = curves.find("test_accuracy");
  if (curve == curves.end())
    return std::nullopt;
  for (const auto &[at, value] : curve->second)
    if (at == epoch)
      return value;
  return std::nullopt;
}

static bool isDigit(char letter) { return letter >= '0' && letter <= '9'; }

bool dale::report::naturalLess(const std::string &a, const std::string &b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (isDigit(a[i]) && isDigit(b[j])) {
      size_t endA = i, endB = j;
      while (endA < a.size() && isDigit(a[endA]))
        ++endA;
      while (endB < b.size() && isDigit(b[endB]))
        ++endB;
      std::string left = a.substr(i, endA - i), right = b.substr(j, endB - j);
      left.erase(0, left.find_first_not_of('0'));
      right.erase(0, right.find_first_not_of('0'));
      if (left != right)
        return std::pair(left.size(), left) < std::pair(right.size(), right);
      i = endA;
      j = endB;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i;
      ++j;
    }
  }
  if (a.size() - i != b.size() - j)
    return a.size() - i < b.size() - j;
  return a < b;
}

std::vector<std::string> Runs::conditions() const {
  std::vector<std::string> names;
  for (const Run &run : runs)
    if (std::ranges::find(names, run.condition) == names.end())
      names.push_back(run.condition);
  return names;
}

std::vector<const Run *> Runs::of(const std::string &condition) const {
  std::vector<const Run *> result;
  for (const Run &run : runs)
    if (run.condition == condition)
      result.push_back(&run);
  return result;
}
