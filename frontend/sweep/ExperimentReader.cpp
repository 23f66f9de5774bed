//===- ExperimentReader.cpp - Reads experiment files -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/FolderName.h"
#include "frontend/Number.h"
#include "frontend/Suggest.h"
#include "frontend/Toml.h"
#include "frontend/TomlText.h"
#include "frontend/sweep/Conflicts.h"
#include "frontend/sweep/Experiment.h"
#include "frontend/sweep/Settings.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace dale;
using namespace dale::sweep;

namespace {

class ExperimentReader {
public:
  ExperimentReader(Experiment &experiment, ArrayRef<std::string> figures,
                   Reporter &reporter)
      : experiment(experiment), knownFigures(figures.begin(), figures.end()),
        reporter(reporter) {}

  void read(const Node &file);

private:
  void checkKeys(const Node &table, StringRef what, ArrayRef<StringRef> keys);
  const Node *subtable(const Node &table, StringRef key);
  std::string string(const Node &table, StringRef key, std::string fallback);
  void readHeader(const Node &table);
  void readSeeds(const Node &value);
  void readCircuit(const Entry &entry);
  std::vector<Override> readOverrides(const Node &table);
  std::vector<GridAxis> readGrid(const Node &table);
  void flatten(const Node &table, const std::string &prefix,
               std::vector<Override> &values);

  Experiment &experiment;
  SmallVector<StringRef> knownFigures;
  Reporter &reporter;
};

} // namespace

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

std::string sweep::printValue(const Node &value) {
  switch (value.kind) {
  case Node::Kind::Integer:
    return std::to_string(value.integer);
  case Node::Kind::Float:
    return formatNumber(value.number);
  case Node::Kind::Boolean:
    return value.boolean ? "true" : "false";
  case Node::Kind::String:
    return quoteToml(value.text);
  case Node::Kind::Array:
    return "[" + llvm::join(llvm::map_range(value.elements, printValue), ", ") +
           "]";
  case Node::Kind::Table:
    return "{" +
           llvm::join(llvm::map_range(value.entries,
                                      [](const Entry &entry) {
                                        return printKey(entry.key) + " = " +
                                               printValue(entry.value);
                                      }),
                      ", ") +
           "}";
  case Node::Kind::Date:
    break;
  }
  return "a date";
}

std::string Override::text() const { return path + "=" + printValue(value); }

std::string Experiment::resolve(StringRef file) const {
  if (llvm::sys::path::is_absolute(file))
    return file.str();
  llvm::SmallString<256> resolved(llvm::sys::path::parent_path(path));
  llvm::sys::path::append(resolved, file);
  return resolved.str().str();
}

std::optional<std::vector<uint64_t>> sweep::parseSeeds(StringRef text,
                                                       std::string &problem) {
  constexpr uint64_t most = 10000;
  std::vector<uint64_t> seeds;
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    auto [from, to] = part.split("..");
    uint64_t first = 0, last = 0;
    if (from.trim().getAsInteger(10, first) ||
        (part.contains("..") && to.trim().getAsInteger(10, last))) {
      problem = "expected numbers as 0..4 or 0,3,7";
      return std::nullopt;
    }
    if (!part.contains(".."))
      last = first;
    if (last < first || last - first >= most) {
      problem = "expected a range from a number to a greater one, of at most " +
                std::to_string(most);
      return std::nullopt;
    }
    for (uint64_t seed = first; seed - first <= last - first; ++seed) {
      if (llvm::is_contained(seeds, seed)) {
        problem = std::to_string(seed) + " comes twice: expected each once";
        return std::nullopt;
      }
      seeds.push_back(seed);
    }
  }
  return seeds;
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

void ExperimentReader::checkKeys(const Node &table, StringRef what,
                                 ArrayRef<StringRef> keys) {
  for (const Entry &entry : table.entries)
    if (!llvm::is_contained(keys, entry.key))
      reporter.error(entry.loc) << "unknown key '" << entry.key << "' in "
                                << what << suggest(entry.key, keys);
}

const Node *ExperimentReader::subtable(const Node &table, StringRef key) {
  const Entry *entry = table.find(key);
  if (!entry)
    return nullptr;
  if (entry->value.isTable())
    return &entry->value;
  reporter.error(entry->value.loc) << "expected a table for '" << key
                                   << "', got " << describe(entry->value.kind);
  return nullptr;
}

std::string ExperimentReader::string(const Node &table, StringRef key,
                                     std::string fallback) {
  const Entry *entry = table.find(key);
  if (!entry)
    return fallback;
  if (entry->value.is(Node::Kind::String) && !entry->value.text.empty())
    return entry->value.text;
  reporter.error(entry->value.loc) << "expected a string for '" << key
                                   << "', got " << printValue(entry->value);
  return fallback;
}

void ExperimentReader::readSeeds(const Node &value) {
  if (value.is(Node::Kind::String)) {
    std::string problem;
    if (auto seeds = parseSeeds(value.text, problem))
      experiment.seeds = std::move(*seeds);
    else
      reporter.error(value.loc)
          << "seeds \"" << value.text << "\": " << problem;
    return;
  }
  bool whole = value.is(Node::Kind::Array) && !value.elements.empty();
  for (const Node &element : value.elements)
    whole &= element.is(Node::Kind::Integer) && element.integer >= 0;
  if (!whole) {
    reporter.error(value.loc)
        << "expected numbers of at least 0 for 'seeds', as \"0..4\" or "
           "[0, 3, 7], got "
        << printValue(value);
    return;
  }
  experiment.seeds.clear();
  for (const Node &element : value.elements) {
    uint64_t seed = element.integer;
    if (llvm::is_contained(experiment.seeds, seed))
      reporter.error(element.loc)
          << "the seed " << seed << " comes twice: expected each once";
    else
      experiment.seeds.push_back(seed);
  }
}

void ExperimentReader::readHeader(const Node &table) {
  checkKeys(table, "[experiment]", {"name", "title", "figures", "seeds"});
  experiment.name = string(table, "name", experiment.name);
  const Entry *name = table.find("name");
  if (name && !isFolderName(experiment.name))
    reporter.error(name->value.loc) << "the name " << folderNameRule;
  experiment.title = string(table, "title", "");
  if (const Entry *seeds = table.find("seeds"))
    readSeeds(seeds->value);
  const Entry *figures = table.find("figures");
  if (!figures)
    return;
  bool strings = figures->value.is(Node::Kind::Array);
  for (const Node &figure : figures->value.elements)
    strings &= figure.is(Node::Kind::String) && !figure.text.empty();
  if (!strings) {
    reporter.error(figures->value.loc)
        << "expected an array of names for 'figures', as [\"selectivity\"], "
           "got "
        << printValue(figures->value);
    return;
  }
  for (const Node &figure : figures->value.elements) {
    if (!llvm::is_contained(knownFigures, figure.text))
      reporter.error(figure.loc) << "there is no figure '" << figure.text << "'"
                                 << suggest(figure.text, knownFigures);
    experiment.figures.push_back(figure.text);
  }
}

/// A key as a part of a path, whose quotes know no escapes.
static std::string asPart(StringRef key) {
  if (isBareKey(key))
    return key.str();
  const char *quote = key.contains('"') ? "'" : "\"";
  return quote + key.str() + quote;
}

/// The values of [set] or [grid] by their paths. A key is a path, and so are
/// the keys of tables within tables: a.b = 1 is "a.b" = 1.
void ExperimentReader::flatten(const Node &table, const std::string &prefix,
                               std::vector<Override> &values) {
  for (const Entry &entry : table.entries) {
    std::string path =
        prefix.empty() ? entry.key : prefix + "." + asPart(entry.key);
    if (entry.value.isTable())
      flatten(entry.value, path, values);
    else if (entry.value.is(Node::Kind::Date))
      reporter.error(entry.value.loc)
          << "expected a value for '" << path << "', got "
          << describe(entry.value.kind);
    else
      values.push_back({path, entry.value, entry.loc});
  }
}

std::vector<Override> ExperimentReader::readOverrides(const Node &table) {
  std::vector<Override> overrides;
  flatten(table, "", overrides);
  return overrides;
}

std::vector<GridAxis> ExperimentReader::readGrid(const Node &table) {
  std::vector<GridAxis> axes;
  for (const Override &entry : readOverrides(table)) {
    GridAxis axis;
    auto place = cast<FileLineColLoc>(entry.loc);
    for (StringRef part : splitOutsideQuotes(entry.path, ',')) {
      StringRef path = part.trim();
      size_t offset = part.ltrim().data() - entry.path.data();
      // A key with a comma is quoted.
      unsigned column = place.getColumn() + (offset ? 1 + offset : 0);
      axis.paths.emplace_back(
          path.str(),
          FileLineColLoc::get(place.getFilename(), place.getLine(), column));
    }
    if (!entry.value.is(Node::Kind::Array) || entry.value.elements.empty()) {
      reporter.error(entry.value.loc)
          << "expected an array of values for '" << entry.path
          << "', as [2, 4, 8], got " << printValue(entry.value);
      continue;
    }
    std::vector<std::string> seen;
    for (const Node &value : entry.value.elements) {
      std::string text = printValue(value);
      if (llvm::is_contained(seen, text)) {
        reporter.error(value.loc) << text << " comes twice in '" << entry.path
                                  << "': expected each value once";
        continue;
      }
      seen.push_back(text);
      axis.values.push_back(value);
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

void ExperimentReader::readCircuit(const Entry &entry) {
  CircuitEntry circuit{entry.key, entry.loc, "", entry.value.loc, {}, {}, {}};
  if (!isConditionName(entry.key)) {
    reporter.error(entry.loc)
        << "the name '" << entry.key << "' " << conditionNameRule;
    return;
  }
  if (entry.value.is(Node::Kind::String)) {
    circuit.file = entry.value.text;
  } else if (entry.value.isTable()) {
    const Node &table = entry.value;
    checkKeys(table, "the circuit '" + entry.key + "'",
              {"file", "set", "grid", "training"});
    circuit.file = string(table, "file", "");
    if (const Entry *file = table.find("file"))
      circuit.fileLoc = file->value.loc;
    else
      reporter.error(entry.loc)
          << "the circuit '" << entry.key << "' needs a 'file'";
    if (const Node *set = subtable(table, "set"))
      circuit.overrides = readOverrides(*set);
    if (const Node *grid = subtable(table, "grid"))
      circuit.grid = readGrid(*grid);
    if (const Node *training = subtable(table, "training"))
      circuit.training = readTraining(*training, experiment, reporter);
    if (const Setting *data = findSetting(circuit.training, "data"))
      reporter.error(data->value.loc) << "'data' is of all circuits: put it "
                                         "into [training], or give --data";
  } else {
    reporter.error(entry.value.loc)
        << "expected a file name or a table for the circuit '" << entry.key
        << "', got " << describe(entry.value.kind);
  }
  if (!circuit.file.empty())
    experiment.circuits.push_back(std::move(circuit));
}

void ExperimentReader::read(const Node &file) {
  checkKeys(file, "an experiment file",
            {"experiment", "training", "compile", "circuits", "set", "grid"});
  if (const Node *header = subtable(file, "experiment"))
    readHeader(*header);
  // It says which numbers a learning rate can be, and which devices there is
  // code for.
  if (const Node *compile = subtable(file, "compile"))
    experiment.compile = readCompile(*compile, experiment, reporter);
  if (const Node *training = subtable(file, "training"))
    experiment.training =
        merge({}, readTraining(*training, experiment, reporter));
  if (const Node *set = subtable(file, "set"))
    experiment.overrides = readOverrides(*set);
  if (const Node *grid = subtable(file, "grid"))
    experiment.grid = readGrid(*grid);
  unsigned errors = reporter.getCount();
  if (const Node *circuits = subtable(file, "circuits"))
    for (const Entry &entry : circuits->entries)
      readCircuit(entry);
  if (experiment.circuits.empty() && reporter.getCount() == errors)
    reporter.error(file.loc) << "the experiment has no circuits: expected "
                                "[circuits] with lines as NAME = \"FILE\"";
  checkConflicts(experiment, reporter);
  if (experiment.title.empty())
    experiment.title = experiment.name;
  // It is where the images are, and decides no number.
  if (const Setting *data = findSetting(experiment.training, "data")) {
    experiment.data = data->arguments.back();
    llvm::erase_if(experiment.training, [](const Setting &setting) {
      return setting.name == "data";
    });
  }
}

std::optional<Experiment> sweep::readExperiment(MLIRContext *context,
                                                StringRef path,
                                                ArrayRef<std::string> figures,
                                                Reporter &reporter) {
  auto fail = [&] {
    return reporter.error(FileLineColLoc::get(context, path, 0, 0));
  };
  if (llvm::sys::fs::is_directory(path)) {
    fail() << "this is a directory, expected an experiment file";
    return std::nullopt;
  }
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    fail() << StringRef(buffer.getError().message()).lower();
    return std::nullopt;
  }
  StringRef text = (*buffer)->getBuffer();
  if (text.contains('\0')) {
    fail() << "this is a binary file, expected TOML text";
    return std::nullopt;
  }
  StringAttr name = StringAttr::get(context, path);
  Locate locate = [name](unsigned line, unsigned column) -> Location {
    return FileLineColLoc::get(name, line, column);
  };
  std::optional<Node> file = parseToml(text, locate, &reporter);
  if (!file)
    return std::nullopt;
  Experiment experiment;
  experiment.path = path.str();
  experiment.text = text.str();
  experiment.name = llvm::sys::path::stem(path).str();
  experiment.seeds = {0};
  ExperimentReader(experiment, figures, reporter).read(*file);
  return experiment;
}
