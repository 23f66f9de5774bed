//===- Conditions.cpp - The conditions of an experiment -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/FolderName.h"
#include "frontend/TomlText.h"
#include "frontend/sweep/Plan.h"
#include "frontend/sweep/Settings.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include <set>

using namespace mlir;
using namespace dale;
using namespace dale::sweep;

SmallVector<std::string> sweep::keysOf(StringRef path) {
  SmallVector<std::string> keys;
  for (StringRef part : splitOutsideQuotes(path, '.'))
    keys.push_back(part.trim().trim("\"'").trim().str());
  return keys;
}

/// Fit for the name of a folder: "IG -> i" as IG_to_i.
static std::string folderSafe(StringRef text) {
  std::string safe;
  SmallVector<StringRef> sides;
  text.split(sides, "->");
  for (StringRef side : sides) {
    if (!safe.empty())
      safe += "_to_";
    for (char c : side.trim())
      safe += isConditionCharacter(c) ? c : '_';
  }
  return safe;
}

/// What a path is called in names: the population, gate or projection whose
/// value it is, or else its last part; `whole` where that is not enough.
static std::string nameOfPath(StringRef path, bool whole) {
  SmallVector<std::string> parts = keysOf(path);
  if (whole)
    return folderSafe(llvm::join(parts, "."));
  bool named = parts.size() >= 4 &&
               llvm::is_contained({"populations", "gates", "projections"},
                                  StringRef(parts[1]));
  return folderSafe(named ? parts[2] : parts.back());
}

static std::string nameOfValue(const Node &value) {
  if (value.is(Node::Kind::String))
    return folderSafe(value.text);
  if (value.is(Node::Kind::Array))
    return llvm::join(llvm::map_range(value.elements, nameOfValue), "x");
  return folderSafe(printValue(value));
}

/// The names of the axes, by the first path of each.
static std::vector<std::string> nameAxes(ArrayRef<GridAxis> axes) {
  std::vector<std::string> names, wholeNames;
  for (const GridAxis &axis : axes) {
    StringRef path = axis.paths.front().first;
    names.push_back(nameOfPath(path, /*whole=*/false));
    wholeNames.push_back(nameOfPath(path, /*whole=*/true));
  }
  bool distinct =
      std::set<std::string>(names.begin(), names.end()).size() == names.size();
  return distinct ? names : wholeNames;
}

/// Goes on to the next combination; false behind the last one.
static bool nextCombination(MutableArrayRef<size_t> choice,
                            ArrayRef<GridAxis> axes) {
  for (size_t i = axes.size(); i-- > 0;) {
    if (++choice[i] < axes[i].values.size())
      return true;
    choice[i] = 0;
  }
  return false;
}

static std::vector<GridAxis> gridOf(const Experiment &experiment,
                                    const CircuitEntry &circuit) {
  std::vector<GridAxis> axes = experiment.grid;
  llvm::append_range(axes, circuit.grid);
  llvm::erase_if(axes,
                 [](const GridAxis &axis) { return axis.values.empty(); });
  return axes;
}

/// Whether there are few enough conditions; reports where they become too many.
static bool checkNumber(const Experiment &experiment, Reporter &reporter) {
  size_t total = 0;
  auto fail = [&](Location loc) {
    reporter.error(loc) << "here the experiment has more than "
                        << mostConditions
                        << " conditions: expected at most as many; leave out "
                           "values or paths of the grid, or circuits";
    return false;
  };
  for (const CircuitEntry &circuit : experiment.circuits) {
    size_t number = 1;
    for (const GridAxis &axis : gridOf(experiment, circuit)) {
      if (axis.values.size() > mostConditions / number)
        return fail(axis.paths.front().second);
      number *= axis.values.size();
    }
    total += number;
    if (total > mostConditions)
      return fail(circuit.loc);
  }
  return true;
}

/// Adds a circuit with every combination of these axes.
static void expandCircuit(const Experiment &experiment,
                          const CircuitEntry &circuit, ArrayRef<GridAxis> axes,
                          std::vector<Condition> &conditions) {
  std::vector<std::string> names = nameAxes(axes);
  std::vector<size_t> choice(axes.size());
  do {
    Condition condition;
    condition.circuit = &circuit;
    condition.training = merge(experiment.training, circuit.training);
    condition.overrides = experiment.overrides;
    llvm::append_range(condition.overrides, circuit.overrides);
    condition.name = circuit.name;
    for (size_t i = 0; i < axes.size(); ++i) {
      const Node &value = axes[i].values[choice[i]];
      condition.name += "," + names[i] + "=" + nameOfValue(value);
      for (const auto &[path, loc] : axes[i].paths)
        condition.overrides.push_back({path, value, loc});
      condition.gridOverrides += axes[i].paths.size();
    }
    conditions.push_back(std::move(condition));
  } while (nextCombination(choice, axes));
}

/// Reports names that are too long for a file's, the first of each circuit.
static void checkLengths(ArrayRef<Condition> conditions, Reporter &reporter) {
  std::set<const CircuitEntry *> told;
  for (const Condition &condition : conditions)
    if (condition.name.size() > longestConditionName &&
        told.insert(condition.circuit).second)
      reporter.error(condition.circuit->loc)
          << "the condition's name '" << condition.name
          << "' becomes a folder's: expected at most " << longestConditionName
          << " bytes, got " << condition.name.size()
          << "; give the circuit a shorter name, or the grid fewer paths or "
             "shorter values";
}

/// Reports options of analyses where there are none.
static void checkAnalyses(ArrayRef<Condition> conditions, Reporter &reporter) {
  for (const Condition &condition : conditions) {
    if (findSetting(condition.training, "analyze_at"))
      continue;
    for (StringRef name : {"save_responses", "threshold", "no_spatial_average"})
      if (const Setting *setting = findSetting(condition.training, name))
        reporter.error(setting->value.loc)
            << "'" << name
            << "' needs 'analyze_at': the epochs after which networks are "
               "analyzed";
  }
}

std::vector<Condition> sweep::expandConditions(const Experiment &experiment,
                                               Reporter &reporter) {
  std::vector<Condition> conditions;
  // Circuits are worth a look even without a grid that is too large.
  bool hasGrid = checkNumber(experiment, reporter);
  for (const CircuitEntry &circuit : experiment.circuits)
    expandCircuit(experiment, circuit,
                  hasGrid ? gridOf(experiment, circuit)
                          : std::vector<GridAxis>(),
                  conditions);
  checkAnalyses(conditions, reporter);
  checkLengths(conditions, reporter);
  // Also where only the case differs: not every disk tells it apart.
  llvm::StringMap<const Condition *> byName;
  for (const Condition &condition : conditions) {
    auto [it, isNew] =
        byName.try_emplace(StringRef(condition.name).lower(), &condition);
    if (!isNew)
      reporter.error(condition.circuit->loc)
          << "two conditions would have the same folder: '" << it->second->name
          << "' and '" << condition.name << "'";
  }
  return conditions;
}
