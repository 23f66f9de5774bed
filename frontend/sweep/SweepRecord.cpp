//===- SweepRecord.cpp - What a sweep has of its experiment ----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/SweepRecord.h"
#include "compiler/TextHash.h"
#include "frontend/sweep/Settings.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include <map>

using namespace llvm;
using namespace dale;
using namespace dale::sweep;

//===----------------------------------------------------------------------===//
// What is written
//===----------------------------------------------------------------------===//

static json::Value jsonOf(const Node &value) {
  switch (value.kind) {
  case Node::Kind::Integer:
    return value.integer;
  case Node::Kind::Float:
    return value.number;
  case Node::Kind::Boolean:
    return value.boolean;
  case Node::Kind::Array: {
    json::Array array;
    for (const Node &element : value.elements)
      array.push_back(jsonOf(element));
    return array;
  }
  default:
    return value.text;
  }
}

static void writeOverrides(json::OStream &os, StringRef key,
                           ArrayRef<Override> overrides) {
  // A path may be said twice; the last one holds.
  os.attributeObject(key, [&] {
    for (size_t i = 0; i < overrides.size(); ++i)
      if (llvm::none_of(overrides.drop_front(i + 1),
                        [&](const Override &later) {
                          return later.path == overrides[i].path;
                        }))
        os.attribute(overrides[i].path, jsonOf(overrides[i].value));
  });
}

static void writeSettings(json::OStream &os, StringRef key,
                          const Settings &settings) {
  os.attributeObject(key, [&] {
    for (const Setting &setting : settings)
      os.attribute(setting.name, jsonOf(setting.value));
  });
}

std::string sweep::printExperiment(const Plan &plan) {
  const Experiment &experiment = plan.experiment;
  return printObject([&](json::OStream &os) {
    os.attribute("name", experiment.name);
    os.attribute("title", experiment.title);
    os.attributeArray("figures", [&] {
      for (const std::string &figure : experiment.figures)
        os.value(figure);
    });
    os.attributeArray("seeds", [&] {
      for (uint64_t seed : experiment.seeds)
        os.value(static_cast<int64_t>(seed));
    });
    os.attributeArray("conditions", [&] {
      for (const Condition &condition : plan.conditions)
        os.object([&] {
          os.attribute("name", condition.name);
          os.attribute("circuit", condition.circuit->file);
          os.attribute("circuit_hash", hashOf(condition.source));
          os.attribute("executable",
                       plan.executables[condition.executable].name);
          writeOverrides(os, "overrides", condition.overrides);
          writeOverrides(os, "grid", condition.grid());
          writeSettings(os, "training", condition.training);
        });
    });
    writeSettings(os, "training", experiment.training);
    writeSettings(os, "compile", experiment.compile);
    os.attribute("dale_version", DALE_VERSION);
  });
}

std::string sweep::printRun(const Plan &plan, const Run &run,
                            const std::string &data) {
  const Condition &condition = plan.conditions[run.condition];
  std::vector<std::string> command = {
      "executables/" + executableOf(plan, run).name, "train"};
  if (!data.empty())
    llvm::append_values(command, "--data", data);
  llvm::append_range(command, argumentsOf(condition.training));
  llvm::append_values(command, "--seed", std::to_string(run.seed), "--out",
                      run.folder);
  return printObject([&](json::OStream &os) {
    os.attribute("experiment", plan.experiment.name);
    os.attribute("condition", condition.name);
    writeOverrides(os, "overrides", condition.overrides);
    writeOverrides(os, "grid", condition.grid());
    os.attribute("seed", static_cast<int64_t>(run.seed));
    os.attributeArray("command", [&] {
      for (const std::string &argument : command)
        os.value(argument);
    });
    os.attributeObject("versions", [&] {
      os.attribute("dale", DALE_VERSION);
      os.attribute("llvm", LLVM_VERSION_STRING);
    });
  });
}

//===----------------------------------------------------------------------===//
// What an earlier sweep wrote
//===----------------------------------------------------------------------===//

/// An object of experiment.json that says what decides the numbers of a
/// condition.
static std::string identityOf(const json::Object &condition, StringRef part) {
  const json::Value *value = condition.get(part);
  return value ? formatv("{0}", *value).str() : "";
}

namespace {
/// What experiment.json says, as far as it decides numbers.
struct Recorded {
  std::string name;
  std::vector<uint64_t> seeds;
  std::map<std::string, json::Object> conditions;
};
} // namespace

static Recorded recordOf(const json::Object &experiment) {
  Recorded recorded;
  recorded.name = experiment.getString("name").value_or("").str();
  if (const json::Array *seeds = experiment.getArray("seeds"))
    for (const json::Value &seed : *seeds)
      recorded.seeds.push_back(seed.getAsInteger().value_or(0));
  if (const json::Array *conditions = experiment.getArray("conditions"))
    for (const json::Value &value : *conditions)
      if (const json::Object *condition = value.getAsObject())
        recorded.conditions[condition->getString("name").value_or("").str()] =
            *condition;
  return recorded;
}

/// What a condition has otherwise than it had.
static std::string differenceOf(const json::Object &before,
                                const json::Object &now) {
  if (identityOf(before, "overrides") != identityOf(now, "overrides"))
    return "other overrides: " + identityOf(before, "overrides") +
           " there, now " + identityOf(now, "overrides");
  if (identityOf(before, "circuit_hash") != identityOf(now, "circuit_hash"))
    return "another circuit: " +
           before.getString("circuit").value_or("").str() +
           " has changed since";
  if (identityOf(before, "training") != identityOf(now, "training"))
    return "other training: " + identityOf(before, "training") +
           " there, now " + identityOf(now, "training");
  return "";
}

/// What experiment.json of this plan says.
static Recorded recordOf(const Plan &plan) {
  return recordOf(*cantFail(json::parse(printExperiment(plan))).getAsObject());
}

/// What a folder's experiment.json says; nothing where there is none. One that
/// cannot be read is an error: runs of another experiment would pass for this
/// one's.
static Expected<std::optional<Recorded>> readRecord(const std::string &path) {
  if (!sys::fs::exists(path))
    return std::nullopt;
  Expected<json::Object> object = readJson(path);
  if (!object)
    return makeError(toString(object.takeError()) +
                     "; expected what 'dale sweep' wrote: restore the file, or "
                     "choose another --out");
  return recordOf(*object);
}

Expected<std::vector<std::string>>
SweepFolder::differences(const Plan &plan) const {
  Expected<std::optional<Recorded>> before = readRecord(at("experiment.json"));
  if (!before)
    return before.takeError();
  std::vector<std::string> lines;
  if (!*before)
    return lines;
  const Recorded there = **before, here = recordOf(plan);
  if (there.name != here.name)
    lines.push_back("the experiment '" + there.name + "' is there, now '" +
                    here.name + "'");
  for (uint64_t seed : there.seeds)
    if (!llvm::is_contained(here.seeds, seed))
      lines.push_back("the seed " + std::to_string(seed) +
                      " is there, and not in this experiment");
  for (const auto &[name, condition] : there.conditions) {
    auto it = here.conditions.find(name);
    if (it == here.conditions.end())
      lines.push_back("the condition " + name +
                      " is there, and not in this experiment");
    else if (std::string difference = differenceOf(condition, it->second);
             !difference.empty())
      lines.push_back("the condition " + name + " has " + difference);
  }
  return lines;
}

Error SweepFolder::removeOthers(const Plan &plan) const {
  Expected<std::optional<Recorded>> before = readRecord(at("experiment.json"));
  if (!before)
    return before.takeError();
  if (!*before)
    return Error::success();
  const Recorded there = **before, here = recordOf(plan);
  for (const auto &[name, condition] : there.conditions) {
    auto it = here.conditions.find(name);
    bool same = there.name == here.name && it != here.conditions.end() &&
                differenceOf(condition, it->second).empty();
    for (uint64_t seed : there.seeds) {
      if (same && llvm::is_contained(here.seeds, seed))
        continue;
      std::string folder = at("runs/" + name + "/seed-" + std::to_string(seed));
      if (std::error_code error = sys::fs::remove_directories(folder))
        return makeError(folder + ": cannot be removed: " + error.message());
    }
    // Where it has become empty.
    sys::fs::remove(at("runs/" + name));
  }
  return Error::success();
}
