//===- Settings.cpp - Options of an experiment ----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Settings.h"
#include "compiler/TargetNames.h"
#include "frontend/Number.h"
#include "frontend/Suggest.h"
#include "runtime/CommandLineNames.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include <cmath>
#include <limits>
#include <set>

using namespace mlir;
using namespace dale;
using namespace dale::sweep;

namespace {

enum class Kind {
  Count,  ///< a whole number of at least 1
  Rate,   ///< a positive number
  Weight, ///< a number of at least 0
  Flag,   ///< true or false
  List,   ///< whole numbers of at least 0
  Choice, ///< one of some words
  Device, ///< what a run computes on
  Gpu,    ///< what GPU code is made for
  Cpu,    ///< a processor
  File,   ///< relative to the experiment file
  Folder  ///< the same
};

struct Option {
  StringRef name;
  Kind kind;
  std::vector<StringRef> choices = {};
  /// Of a count.
  int64_t most = std::numeric_limits<int64_t>::max();
};

/// Why a name that one might expect is none.
struct Misnomer {
  StringRef name, because;
};

} // namespace

static const std::vector<Option> &trainOptions() {
  static const std::vector<Option> options = {
      {"epochs", Kind::Count},
      {"batch", Kind::Count, {}, std::numeric_limits<int32_t>::max()},
      {"lr", Kind::Rate},
      {"limit_train", Kind::Count},
      {"limit_test", Kind::Count},
      {"keep", Kind::List},
      {"analyze_at", Kind::List},
      {"save_responses", Kind::Choice, {"gratings", "images", "all"}},
      {"threshold", Kind::Weight},
      {"no_spatial_average", Kind::Flag},
      {"no_augment", Kind::Flag},
      {"random_labels", Kind::Flag},
      {"dataset",
       Kind::Choice,
       {runtime::datasetNames.begin(), runtime::datasetNames.end()}},
      {"data", Kind::Folder},
      {"weights", Kind::File},
      {"device", Kind::Device}};
  return options;
}

static const Misnomer trainMisnomers[] = {
    {"learning_rate", "; did you mean 'lr'?"},
    {"seed", ": [experiment] has 'seeds'"},
    {"seeds", ": they belong in [experiment]"},
    {"out", ": every run has a folder of its own, in --out of 'dale sweep'"},
    {"resume", ": 'dale sweep' goes on by itself with what is not complete"},
    {"force", ": 'dale sweep' decides what is begun anew"},
    {"threads", ": give --threads-per-job to 'dale sweep'"},
    {"max_steps", ": the runs of an experiment are trained to their end; give "
                  "'epochs' and 'limit_train'"},
};

static const std::vector<Option> &compileOptions() {
  static const std::vector<Option> options = {
      {"gpu", Kind::Gpu},
      {"precision", Kind::Choice, {"f32", "tf32", "bf16"}},
      {"element", Kind::Choice, {"f32", "f64"}},
      {"target_cpu", Kind::Cpu}};
  return options;
}

static bool isFinite(const Node &value) {
  return (value.is(Node::Kind::Integer) || value.is(Node::Kind::Float)) &&
         std::isfinite(value.number);
}

static bool isPositive(const Node &value) {
  return isFinite(value) && value.number > 0;
}

/// What the option takes, as far as `value` is not that.
static std::string describe(const Option &option, const Node &value) {
  switch (option.kind) {
  case Kind::Count:
    return value.is(Node::Kind::Integer) && value.integer > option.most
               ? "at most " + std::to_string(option.most)
               : "a whole number of at least 1";
  case Kind::Rate:
    return isPositive(value) ? heldByFloat : "a positive number";
  case Kind::Weight:
    return "a number of at least 0";
  case Kind::Flag:
    return "true or false";
  case Kind::List:
    return "an array of whole numbers of at least 0, as [0, 1, 5]";
  case Kind::Choice:
    return listNames(option.choices);
  case Kind::Device:
    return runtime::deviceNamesText;
  case Kind::Gpu:
    return gpuTargetNames.str();
  case Kind::Cpu:
    return targetCpuNames.str();
  case Kind::File:
    return "the name of a file";
  case Kind::Folder:
    return "the name of a folder";
  }
  return "";
}

/// Whether the executables are compiled for numbers of 64 bits.
static bool computesInDouble(const Experiment &experiment) {
  const Setting *element = findSetting(experiment.compile, "element");
  return element && element->value.text == "f64";
}

/// The text of a value that must be a string, where it `isRight`.
static std::optional<std::string> textIf(bool isRight, const Node &value) {
  if (!value.is(Node::Kind::String) || !isRight)
    return std::nullopt;
  return value.text;
}

/// What the command gets behind the option's name; nothing if the value is
/// wrong.
static std::optional<std::string> argumentOf(const Option &option,
                                             const Node &value,
                                             const Experiment &experiment) {
  switch (option.kind) {
  case Kind::Count:
    if (value.is(Node::Kind::Integer) && value.integer >= 1 &&
        value.integer <= option.most)
      return std::to_string(value.integer);
    return std::nullopt;
  case Kind::Rate:
    if (isPositive(value) &&
        (computesInDouble(experiment) || isHeldByFloat(value.number)))
      return formatNumber(value.number);
    return std::nullopt;
  case Kind::Weight:
    if (isFinite(value) && value.number >= 0)
      return formatNumber(value.number);
    return std::nullopt;
  case Kind::List: {
    if (!value.is(Node::Kind::Array) || value.elements.empty())
      return std::nullopt;
    std::vector<std::string> parts;
    for (const Node &element : value.elements) {
      if (!element.is(Node::Kind::Integer) || element.integer < 0)
        return std::nullopt;
      parts.push_back(std::to_string(element.integer));
    }
    return llvm::join(parts, ",");
  }
  case Kind::Choice:
    return textIf(llvm::is_contained(option.choices, value.text), value);
  case Kind::Device:
    return textIf(runtime::parseDeviceName(value.text).has_value(), value);
  case Kind::Gpu:
    return textIf(parseGpuTargets(value.text).has_value(), value);
  case Kind::Cpu:
    return textIf(isTargetCpu(value.text), value);
  case Kind::File:
  case Kind::Folder: {
    if (!value.is(Node::Kind::String) || value.text.empty())
      return std::nullopt;
    llvm::SmallString<256> path(experiment.resolve(value.text));
    llvm::sys::fs::make_absolute(path);
    return path.str().str();
  }
  case Kind::Flag:
    break;
  }
  return std::nullopt;
}

/// Whether the numbers of a list are distinct; reports the second of two.
static bool areDistinct(const Entry &entry, Reporter &reporter) {
  std::set<int64_t> seen;
  for (const Node &element : entry.value.elements)
    if (!seen.insert(element.integer).second) {
      reporter.error(element.loc) << element.integer << " comes twice in '"
                                  << entry.key << "': expected each once";
      return false;
    }
  return true;
}

/// Whether executables are compiled with code for a device; reports it if not.
static bool hasCode(const Entry &entry, const Experiment &experiment,
                    Reporter &reporter) {
  const Setting *setting = findSetting(experiment.compile, "gpu");
  GpuTargets gpu =
      *parseGpuTargets(setting ? StringRef(setting->value.text) : "auto",
                       computesInDouble(experiment));
  using Device = runtime::DeviceName::Kind;
  Device device = runtime::parseDeviceName(entry.value.text)->kind;
  if ((device != Device::Cuda || gpu.mode == GpuMode::Code) &&
      (device != Device::Emulated || gpu.mode == GpuMode::Emulated))
    return true;
  reporter.error(entry.value.loc)
      << "executables are compiled without code for '" << entry.value.text
      << "': expected auto or cpu for 'device', or another 'gpu' or 'element' "
         "in [compile]";
  return false;
}

static void readSetting(const Entry &entry, const Option &option,
                        const Experiment &experiment, Settings &settings,
                        Reporter &reporter) {
  std::string flag = "--" + entry.key;
  llvm::replace(flag, '_', '-');
  if (option.kind == Kind::Flag && entry.value.is(Node::Kind::Boolean)) {
    settings.push_back({entry.key, entry.value, {}});
    if (entry.value.boolean)
      settings.back().arguments = {flag};
    return;
  }
  std::optional<std::string> argument =
      argumentOf(option, entry.value, experiment);
  if (!argument) {
    auto error = reporter.error(entry.value.loc)
                 << "expected " << describe(option, entry.value) << " for '"
                 << entry.key << "', got " << printValue(entry.value);
    if (entry.value.is(Node::Kind::String) && option.kind == Kind::Choice)
      if (StringRef near = nearestName(entry.value.text, option.choices);
          !near.empty())
        error << "; did you mean '" << near << "'?";
    return;
  }
  if (option.kind == Kind::File && !llvm::sys::fs::exists(*argument)) {
    reporter.error(entry.value.loc) << "there is no file '" << *argument << "'";
    return;
  }
  if (option.kind == Kind::List && !areDistinct(entry, reporter))
    return;
  if (option.kind == Kind::Device && !hasCode(entry, experiment, reporter))
    return;
  settings.push_back({entry.key, entry.value, {flag, *argument}});
}

static Settings readSettings(const Node &table, StringRef what,
                             ArrayRef<Option> options,
                             ArrayRef<Misnomer> misnomers,
                             const Experiment &experiment, Reporter &reporter) {
  Settings settings;
  SmallVector<StringRef> names;
  for (const Option &option : options)
    names.push_back(option.name);
  for (const Entry &entry : table.entries) {
    const Option *option = llvm::find_if(options, [&](const Option &option) {
      return option.name == entry.key;
    });
    if (option != options.end()) {
      readSetting(entry, *option, experiment, settings, reporter);
      continue;
    }
    const Misnomer *misnomer =
        llvm::find_if(misnomers, [&](const Misnomer &misnomer) {
          return misnomer.name == entry.key;
        });
    reporter.error(entry.loc)
        << "unknown option '" << entry.key << "' of " << what
        << (misnomer != misnomers.end() ? misnomer->because.str()
                                        : suggest(entry.key, names));
  }
  return settings;
}

Settings sweep::readTraining(const Node &table, const Experiment &experiment,
                             Reporter &reporter) {
  return readSettings(table, "'train'", trainOptions(), trainMisnomers,
                      experiment, reporter);
}

/// Reports options of `dale compile` that do not go together.
static void checkTogether(const Settings &settings, Reporter &reporter) {
  auto text = [&](StringRef name, StringRef fallback) -> StringRef {
    const Setting *setting = findSetting(settings, name);
    return setting ? StringRef(setting->value.text) : fallback;
  };
  CompileOptions options;
  options.doublePrecision = text("element", "f32") == "f64";
  options.precision = parsePrecision(text("precision", "f32"));
  options.gpu = *parseGpuTargets(text("gpu", "auto"), options.doublePrecision);
  auto conflict = findConflict(options);
  if (!conflict)
    return;
  StringRef name = conflict->option;
  name.consume_front("--");
  reporter.error(findSetting(settings, name)->value.loc)
      << "'" << name << "': " << conflict->problem;
}

Settings sweep::readCompile(const Node &table, const Experiment &experiment,
                            Reporter &reporter) {
  Settings settings = readSettings(table, "'dale compile'", compileOptions(),
                                   {}, experiment, reporter);
  checkTogether(settings, reporter);
  return settings;
}

Settings sweep::merge(Settings base, const Settings &over) {
  for (const Setting &setting : over) {
    auto it = llvm::find_if(
        base, [&](const Setting &other) { return other.name == setting.name; });
    if (it == base.end())
      base.push_back(setting);
    else
      *it = setting;
  }
  llvm::erase_if(
      base, [](const Setting &setting) { return setting.arguments.empty(); });
  return base;
}

const Setting *sweep::findSetting(const Settings &settings, StringRef name) {
  for (const Setting &setting : settings)
    if (setting.name == name)
      return &setting;
  return nullptr;
}

std::vector<std::string> sweep::argumentsOf(const Settings &settings) {
  std::vector<std::string> arguments;
  for (const Setting &setting : settings)
    llvm::append_range(arguments, setting.arguments);
  return arguments;
}
