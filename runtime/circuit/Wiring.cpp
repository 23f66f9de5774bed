//===- Wiring.cpp - Populations and their projections ---------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/circuit/Wiring.h"

#include "runtime/Error.h"
#include "runtime/circuit/Description.h"

#include <algorithm>
#include <array>
#include <utility>

using namespace dale::runtime;
using nlohmann::json;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

// In the order of the enumerators.
static constexpr std::array<std::string_view, 2> signNames = {"excitatory",
                                                              "inhibitory"};
static constexpr std::array<std::string_view, 3> constraintNames = {
    "abs", "rectify", "free"};
static constexpr std::array<std::string_view, 2> rangeNames = {"local",
                                                               "long_range"};
static constexpr std::array<std::string_view, 4> siteNames = {
    "current", "memory", "input", "output"};

std::string_view dale::runtime::nameOf(Sign sign) {
  return signNames[static_cast<size_t>(sign)];
}

std::string_view dale::runtime::nameOf(Constraint constraint) {
  return constraintNames[static_cast<size_t>(constraint)];
}

std::string_view dale::runtime::nameOf(Range range) {
  return rangeNames[static_cast<size_t>(range)];
}

std::string_view dale::runtime::nameOf(Site site) {
  return siteNames[static_cast<size_t>(site)];
}

std::string Projection::nameIn(std::string_view area) const {
  bool elsewhere = sourceArea && *sourceArea != area;
  return fmt::format("{}{}_to_{}", elsewhere ? *sourceArea + "." : "", source,
                     target);
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

/// The enumerator that `object` names under `key`.
template <typename Enum, size_t count>
static Enum parseEnum(const json &object, const char *key,
                      const std::array<std::string_view, count> &names) {
  std::string name = object.at(key);
  auto found = std::ranges::find(names, name);
  if (found == names.end())
    failDescription(fmt::format("unknown {} '{}'", key, name));
  return static_cast<Enum>(found - names.begin());
}

/// The place in `items` of what has that name, or nothing.
template <typename Item>
static std::optional<size_t> findNamed(const std::vector<Item> &items,
                                       const std::string &name) {
  auto found = std::ranges::find(items, name, &Item::name);
  if (found == items.end())
    return std::nullopt;
  return found - items.begin();
}

static Population parsePopulation(const json &object, const std::string &area,
                                  const Circuit &circuit) {
  Population population;
  population.name = object.at("name");
  population.principal = object.at("principal");
  if (object.contains("sign"))
    population.sign = parseEnum<Sign>(object, "sign", signNames);
  std::string response = area + "." + population.name;
  std::optional<size_t> place = findNamed(circuit.responses, response);
  if (!place || circuit.responses[*place].shape.size() != 3 ||
      std::ranges::min(circuit.responses[*place].shape) < 1)
    failDescription(fmt::format("no response [h, w, C] of '{}'", response));
  population.response = *place;
  return population;
}

static std::vector<size_t> findKernel(const std::string &name,
                                      const Circuit &circuit) {
  const std::vector<Variable> &variables = circuit.parameters.variables;
  auto rank = [&](std::optional<size_t> place) {
    return place ? variables[*place].shape.size() : 0;
  };
  std::optional<size_t> weight = findNamed(variables, name + ".weight"),
                        depthwise = findNamed(variables, name + ".depthwise"),
                        pointwise = findNamed(variables, name + ".pointwise");
  if (rank(weight) == 4)
    return {*weight};
  if (rank(depthwise) == 3 && rank(pointwise) == 2 &&
      variables[*depthwise].shape[2] == variables[*pointwise].shape[0])
    return {*depthwise, *pointwise};
  failDescription(fmt::format("no kernel of '{}'", name));
}

static Projection parseProjection(const json &object, const Area &area,
                                  const Circuit &circuit) {
  Projection projection;
  if (object.contains("area"))
    projection.sourceArea = object.at("area").get<std::string>();
  projection.feedback = projection.sourceArea.value_or(area.name) != area.name;
  projection.source = object.at("source");
  projection.target = object.at("target");
  std::string reached = object.at("population");
  std::optional<size_t> population = findNamed(area.populations, reached);
  if (!population)
    failDescription(
        fmt::format("'{}' has no population '{}'", area.name, reached));
  projection.population = *population;
  projection.site = parseEnum<Site>(object, "site", siteNames);
  projection.range = parseEnum<Range>(object, "range", rangeNames);
  projection.sign = parseEnum<Sign>(object, "sign", signNames);
  projection.constraint =
      parseEnum<Constraint>(object, "constraint", constraintNames);
  projection.kernel = findKernel(object.at("variable"), circuit);
  return projection;
}

std::vector<Area> dale::runtime::parseAreas(const json &areas,
                                            const Circuit &circuit) {
  std::vector<Area> result;
  for (const json &object : areas) {
    Area area;
    area.name = object.at("name");
    for (const json &entry : object.at("populations"))
      area.populations.push_back(parsePopulation(entry, area.name, circuit));
    for (const json &entry : object.at("projections"))
      area.projections.push_back(parseProjection(entry, area, circuit));
    result.push_back(std::move(area));
  }
  for (const Area &area : result)
    for (const Projection &projection : area.projections) {
      if (!projection.sourceArea)
        continue;
      std::optional<size_t> source = findNamed(result, *projection.sourceArea);
      if (!source || !findNamed(result[*source].populations, projection.source))
        failDescription(fmt::format("no population '{}.{}'",
                                    *projection.sourceArea, projection.source));
    }
  return result;
}
