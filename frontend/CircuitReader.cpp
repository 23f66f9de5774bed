//===- CircuitReader.cpp - A circuit file's tree to circuit ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/CircuitReader.h"
#include "frontend/AreaReader.h"
#include "frontend/FolderName.h"
#include "frontend/Merge.h"
#include "frontend/Suggest.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace dale;

namespace {

/// What an image is like.
struct Input {
  SmallVector<int64_t> sizes = {1, 1, 1};
  IntegerAttr resize;
  DenseF64ArrayAttr means;
};

class CircuitReader {
public:
  CircuitReader(const Node &file, Reporter &reporter)
      : file(file), reporter(reporter), builder(file.loc.getContext()) {}

  OwningOpRef<ModuleOp> read();

private:
  CircuitOp readCircuit();
  std::string readName(TableReader &reader);
  Input readInput(TableReader &circuit);
  void readAreas(CircuitOp circuit);
  bool reportMisspeltSection(const Entry &entry);
  void readReadout(CircuitOp circuit);
  std::pair<DenseF64ArrayAttr, DenseF64ArrayAttr>
  readCrop(TableReader &augment);
  void readTraining(CircuitOp circuit);
  void verify(CircuitOp circuit);

  /// A section's table, or an empty one.
  const Node &section(StringRef name, Location &loc, bool required);

  const Node &file;
  Reporter &reporter;
  OpBuilder builder;
  Defaults defaults{};
  Node nothing{Node::Kind::Table, file.loc};
  SmallVector<AreaOp> completeAreas;
  bool incomplete = false;
};

} // namespace

const Node &CircuitReader::section(StringRef name, Location &loc,
                                   bool required) {
  const Entry *entry = file.find(name);
  if (!entry) {
    if (required)
      reporter.error(file.loc) << "the file has no [" << name << "]";
    return nothing;
  }
  loc = entry->loc;
  if (entry->value.isTable())
    return entry->value;
  reporter.error(entry->value.loc) << "expected a table for '" << name
                                   << "', got " << describe(entry->value.kind);
  return nothing;
}

//===----------------------------------------------------------------------===//
// [circuit]
//===----------------------------------------------------------------------===//

Input CircuitReader::readInput(TableReader &circuit) {
  Input input;
  const Entry *entry = circuit.subtable("input");
  if (!entry)
    return input;
  TableReader reader(entry->value, entry->loc, TableId::Input, reporter);
  reader.requireAll();
  input.sizes = {reader.integer("height"), reader.integer("width"),
                 reader.integer("channels")};
  // These errors belong to a key, which an op's verifier does not know.
  auto at = [&](StringRef key) {
    return [&, key] { return reporter.error(reader.find(key)->value.loc); };
  };
  if (reader.find("resize")) {
    int64_t resize = reader.integer("resize");
    if (succeeded(CircuitOp::checkResize(at("resize"), input.sizes, resize)))
      input.resize = builder.getI64IntegerAttr(resize);
  }
  if (auto means = reader.numbers("means"))
    if (succeeded(CircuitOp::checkMeans(at("means"), input.sizes, *means)))
      input.means = builder.getDenseF64ArrayAttr(*means);
  return input;
}

/// A circuit's name becomes that of the folder of its runs.
std::string CircuitReader::readName(TableReader &reader) {
  std::string name = reader.string("name", "circuit");
  if (!isFolderName(name))
    reporter.error(reader.find("name")->value.loc)
        << "the name " << folderNameRule;
  return name;
}

CircuitOp CircuitReader::readCircuit() {
  Location loc = file.loc;
  const Node &table = section("circuit", loc, /*required=*/true);
  TableReader reader(table, loc, TableId::Circuit, reporter);
  Input input;
  if (file.find("circuit")) {
    reader.requireAll();
    input = readInput(reader);
  }
  const Entry *entry = reader.subtable("norm");
  TableReader norm(entry ? entry->value : nothing, entry ? entry->loc : loc,
                   TableId::CircuitNorm, reporter);
  defaults = {reader.keywordOrDefault<Constraint>("constraint"),
              reader.keywordOrDefault<Kernel>("kernel"), norm.boolean("shared"),
              norm.number("decay"), norm.number("epsilon")};
  auto circuit =
      CircuitOp::create(builder, loc, readName(reader), reader.integer("steps"),
                        input.sizes, input.resize, input.means);
  circuit.getBody().emplaceBlock();
  return circuit;
}

//===----------------------------------------------------------------------===//
// Areas
//===----------------------------------------------------------------------===//

/// Every table with another name than a section's is an area; one that has
/// nothing of an area, but nearly the name of a section, is a slip.
bool CircuitReader::reportMisspeltSection(const Entry &entry) {
  if (entry.value.isTable())
    for (StringRef key :
         {"channels", "populations", "gates", "projections", "like", "pool"})
      if (entry.value.find(key))
        return false;
  SmallVector<StringRef> names(sectionNames());
  names.push_back("base");
  StringRef near = nearestName(entry.key, names);
  if (near.empty() && entry.value.isTable())
    return false;
  InFlightDiagnostic diag = reporter.error(entry.loc);
  diag << "unknown " << (entry.value.isTable() ? "section" : "key") << " '"
       << entry.key << "'";
  if (near.empty())
    diag << "; a circuit file has tables, and 'base'";
  else
    diag << "; did you mean '" << near << "'?";
  return true;
}

void CircuitReader::readAreas(CircuitOp circuit) {
  builder.setInsertionPointToEnd(&circuit.getBody().front());
  for (const Entry &entry : file.entries) {
    if (!isAreaKey(entry.key) || reportMisspeltSection(entry))
      continue;
    AreaReader reader(entry, file, defaults, builder, reporter);
    AreaOp area = reader.read();
    if (!area)
      incomplete = true;
    else if (!reader.isIncomplete())
      completeAreas.push_back(area);
  }
}

//===----------------------------------------------------------------------===//
// [readout] and [training]
//===----------------------------------------------------------------------===//

void CircuitReader::readReadout(CircuitOp circuit) {
  Location loc = circuit.getLoc();
  const Node &table = section("readout", loc, /*required=*/true);
  TableReader reader(table, loc, TableId::Readout, reporter);
  if (file.find("readout"))
    reader.requireAll();
  ReadoutOp::create(builder, loc, reader.integer("classes"),
                    reader.keywordOrDefault<ReadoutTime>("time"));
}

/// The bounds of a random crop. It has both, and whichever is not said is what
/// it usually is.
std::pair<DenseF64ArrayAttr, DenseF64ArrayAttr>
CircuitReader::readCrop(TableReader &augment) {
  auto area = augment.numbers("area"), aspect = augment.numbers("aspect");
  if (!area && !aspect)
    return {};
  if (!area)
    area = {0.08, 1.0};
  if (!aspect)
    aspect = {3.0 / 4, 4.0 / 3};
  auto emitError = [&](StringRef key) {
    const Entry *said = augment.find(key);
    return reporter.error((said ? said : augment.find("aspect"))->value.loc);
  };
  if (failed(TrainingOp::checkCrop(emitError, augment.integer("pad"), *area,
                                   *aspect)))
    return {};
  return {builder.getDenseF64ArrayAttr(*area),
          builder.getDenseF64ArrayAttr(*aspect)};
}

void CircuitReader::readTraining(CircuitOp circuit) {
  Location loc = circuit.getLoc();
  const Node &table = section("training", loc, /*required=*/false);
  TableReader reader(table, loc, TableId::Training, reporter);
  const Key &datasets = *kindOf(TableId::Training).find("dataset");
  StringRef dataset = datasets.choices[reader.choiceOrDefault("dataset")];

  // What is not there is read as an empty table, for the defaults.
  auto subtable = [&](StringRef key, TableId kind) {
    const Entry *entry = reader.subtable(key);
    return TableReader(entry ? entry->value : nothing, entry ? entry->loc : loc,
                       kind, reporter);
  };
  TableReader schedule = subtable("schedule", TableId::Schedule);
  SmallVector<int64_t> milestones = schedule.integers("epochs");
  if (!llvm::is_sorted(milestones))
    reporter.error(schedule.find("epochs")->value.loc)
        << "expected the epochs of a schedule in order";
  TableReader augment = subtable("augment", TableId::Augment);
  auto [area, aspect] = readCrop(augment);
  TrainingOp::create(
      builder, loc, dataset, reader.integer("batch"), reader.integer("epochs"),
      llvm::APFloat(reader.number("learning_rate")), milestones,
      llvm::APFloat(schedule.number("factor")),
      llvm::APFloat(reader.number("momentum")),
      llvm::APFloat(reader.number("l2")), reader.boolean("l2_norms"),
      augment.integer("pad"), augment.boolean("flip"), area, aspect,
      llvm::APFloat(reader.number("fraction")), reader.boolean("random_labels"),
      reader.integer("seed"));
}

//===----------------------------------------------------------------------===//
// The whole file
//===----------------------------------------------------------------------===//

/// MLIR's verifier stops at the first op that is wrong; this shows the errors
/// of all areas.
void CircuitReader::verify(CircuitOp circuit) {
  bool ok = true;
  for (AreaOp area : completeAreas)
    ok &= succeeded(mlir::verify(area));
  if (!incomplete)
    ok &= succeeded(mlir::verify(circuit, /*verifyRecursively=*/false));
  if (!ok)
    reporter.countError();
}

OwningOpRef<ModuleOp> CircuitReader::read() {
  OwningOpRef<ModuleOp> module(ModuleOp::create(file.loc));
  builder.setInsertionPointToEnd(module->getBody());
  CircuitOp circuit = readCircuit();
  readAreas(circuit);
  readReadout(circuit);
  readTraining(circuit);
  verify(circuit);
  if (reporter.failed() || failed(mlir::verify(*module)))
    return {};
  return module;
}

OwningOpRef<ModuleOp> dale::readCircuit(const Node &file, Reporter &reporter) {
  return CircuitReader(file, reporter).read();
}
