//===- Conflicts.cpp - What does not go together ----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Conflicts.h"
#include "frontend/sweep/Settings.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace dale;
using namespace dale::sweep;

namespace {

/// A key of a circuit's [training] that an experiment changes.
struct TrainingKey {
  std::string name;
  /// As it is written: a path, or the key of a table that is a value.
  std::string written;
  Location loc;
};

} // namespace

/// The option of `train` that says the same as a key of a circuit's [training],
/// or an empty string.
static StringRef optionFor(StringRef key) {
  return llvm::StringSwitch<StringRef>(key)
      .Case("learning_rate", "lr")
      .Case("fraction", "limit_train")
      .Case("augment", "no_augment")
      .Cases({"batch", "epochs", "dataset", "random_labels"}, key)
      .Default("");
}

/// Adds what a path with this value changes in a circuit's [training].
static void addKeys(StringRef path, Location loc, const Node &value,
                    std::vector<TrainingKey> &found) {
  SmallVector<std::string> keys = keysOf(path);
  if (keys.front() != "training")
    return;
  if (keys.size() > 1)
    found.push_back({keys[1], path.str(), loc});
  else
    for (const Entry &entry : value.entries)
      found.push_back({entry.key, "training." + entry.key, entry.loc});
}

static std::vector<TrainingKey> keysOfSet(ArrayRef<Override> overrides) {
  std::vector<TrainingKey> found;
  for (const Override &override : overrides)
    addKeys(override.path, override.loc, override.value, found);
  return found;
}

static std::vector<TrainingKey> keysOfGrid(ArrayRef<GridAxis> axes) {
  std::vector<TrainingKey> found;
  for (const GridAxis &axis : axes)
    for (const auto &[path, loc] : axis.paths) {
      // A path into [training] is one key, whatever its values are.
      ArrayRef<Node> values = axis.values;
      if (keysOf(path).size() > 1)
        values = values.take_front();
      for (const Node &value : values)
        addKeys(path, loc, value, found);
    }
  return found;
}

static void checkSeeds(ArrayRef<TrainingKey> keys, Reporter &reporter) {
  for (const TrainingKey &key : keys)
    if (key.name == "seed")
      reporter.error(key.loc)
          << "'" << key.written
          << "' has no effect, since every run is told its seed: use 'seeds' "
             "in [experiment]";
}

static void checkOptions(ArrayRef<TrainingKey> keys, const Settings &training,
                         Reporter &reporter) {
  for (const TrainingKey &key : keys) {
    StringRef option = optionFor(key.name);
    const Setting *setting = findSetting(training, option);
    if (!setting || setting->arguments.empty())
      continue;
    InFlightDiagnostic error = reporter.error(key.loc);
    error << "'" << key.written << "' has no effect, since '" << option
          << "' of [training] is used instead: expected one of them; leave the "
             "other out";
    error.attachNote(setting->value.loc) << "'" << option << "' is here";
  }
}

/// Reports paths that come twice: of their values one would win.
static void checkTwice(ArrayRef<GridAxis> axes,
                       std::vector<std::pair<std::string, Location>> &known,
                       Reporter &reporter) {
  for (const GridAxis &axis : axes)
    for (const auto &[path, loc] : axis.paths) {
      // However it is quoted; no key has this character.
      std::string keys = llvm::join(keysOf(path), StringRef("\0", 1));
      auto first = llvm::find_if(
          known, [&](const auto &other) { return other.first == keys; });
      if (first == known.end()) {
        known.emplace_back(keys, loc);
        continue;
      }
      InFlightDiagnostic error = reporter.error(loc);
      error << "'" << path << "' comes twice in the grid: expected each path "
            << "once; put all of its values into one array";
      error.attachNote(first->second) << "the first is here";
    }
}

void sweep::checkConflicts(const Experiment &experiment, Reporter &reporter) {
  // What [set] says of all circuits makes no two conditions differ, and another
  // key of it can need it: a schedule has epochs of the training alone.
  checkSeeds(keysOfSet(experiment.overrides), reporter);
  std::vector<TrainingKey> grid = keysOfGrid(experiment.grid);
  checkSeeds(grid, reporter);
  checkOptions(grid, experiment.training, reporter);
  std::vector<std::pair<std::string, Location>> paths;
  checkTwice(experiment.grid, paths, reporter);
  for (const CircuitEntry &circuit : experiment.circuits) {
    auto all = paths;
    checkTwice(circuit.grid, all, reporter);
    Settings training = merge(experiment.training, circuit.training);
    checkOptions(grid, circuit.training, reporter);
    for (const std::vector<TrainingKey> &keys :
         {keysOfSet(circuit.overrides), keysOfGrid(circuit.grid)}) {
      checkSeeds(keys, reporter);
      checkOptions(keys, training, reporter);
    }
  }
}
