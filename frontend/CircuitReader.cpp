//===- CircuitReader.cpp - A circuit file's tree to circuit ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/CircuitReader.h"
#include "frontend/AreaReader.h"
#include "frontend/Merge.h"
#include "frontend/Suggest.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace dale;

/// What can be unrolled in a reasonable time.
static constexpr int64_t maxSteps = 1000;

namespace {

class CircuitReader {
public:
  CircuitReader(const Node &file, Reporter &reporter)
      : file(file), reporter(reporter), builder(file.loc.getContext()) {}

  OwningOpRef<ModuleOp> read();

private:
  CircuitOp readCircuit();
  SmallVector<int64_t> readInput(TableReader &circuit);
  void readAreas(CircuitOp circuit);
  bool reportMisspeltSection(const Entry &entry);
  void readReadout(CircuitOp circuit);
  void readTraining(CircuitOp circuit);
  void verify(CircuitOp circuit);

  /// A section's table, or an empty one.
  const Node &section(StringRef name, Location &loc, bool required);

  const Node &file;
  Reporter &reporter;
  OpBuilder builder;
  Defaults defaults;
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

SmallVector<int64_t> CircuitReader::readInput(TableReader &circuit) {
  const Entry *entry = circuit.require("input");
  if (entry && entry->value.isFalse())
    reporter.error(entry->value.loc) << "expected a table for 'input'";
  if (entry)
    entry = circuit.subtable("input");
  if (!entry)
    return {1, 1, 1};
  TableReader reader(entry->value, entry->loc, "the input",
                     {"height", "width", "channels"}, reporter);
  for (StringRef key : {"height", "width", "channels"})
    reader.require(key);
  return {reader.integer("height", 1, 1, 1 << 14),
          reader.integer("width", 1, 1, 1 << 14),
          reader.integer("channels", 1, 1, 1 << 14)};
}

CircuitOp CircuitReader::readCircuit() {
  Location loc = file.loc;
  const Node &table = section("circuit", loc, /*required=*/true);
  TableReader reader(table, loc, "[circuit]",
                     {"name", "steps", "input", "constraint", "kernel", "norm"},
                     reporter);
  SmallVector<int64_t> input = {1, 1, 1};
  if (file.find("circuit")) {
    reader.require("name");
    reader.require("steps");
    input = readInput(reader);
  }
  defaults.constraint =
      reader.keyword<Constraint>("constraint").value_or(defaults.constraint);
  defaults.kernel = reader.keyword<Kernel>("kernel").value_or(defaults.kernel);
  if (const Entry *norm = reader.subtable("norm")) {
    TableReader normReader(norm->value, norm->loc, "a circuit's norm",
                           {"shared", "decay", "epsilon"}, reporter);
    readNorm(normReader, defaults);
  }
  auto circuit =
      CircuitOp::create(builder, loc, reader.string("name", "circuit"),
                        reader.integer("steps", 1, 1, maxSteps), input);
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
  StringRef near =
      nearestName(entry.key, {"circuit", "readout", "training", "base"});
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
  TableReader reader(table, loc, "[readout]", {"classes", "time"}, reporter);
  if (file.find("readout"))
    reader.require("classes");
  ReadoutOp::create(
      builder, loc, reader.integer("classes", 1, 1, 1 << 20),
      reader.keyword<ReadoutTime>("time").value_or(ReadoutTime::Last));
}

void CircuitReader::readTraining(CircuitOp circuit) {
  Location loc = circuit.getLoc();
  const Node &table = section("training", loc, /*required=*/false);
  TableReader reader(table, loc, "[training]",
                     {"dataset", "batch", "epochs", "learning_rate", "schedule",
                      "momentum", "l2", "l2_norms", "augment", "seed"},
                     reporter);
  const StringRef datasets[] = {"cifar10", "fashion-mnist", "mnist"};
  StringRef dataset = datasets[reader.choice("dataset", datasets).value_or(0)];

  SmallVector<int64_t> milestones;
  double factor = 0.1;
  if (const Entry *entry = reader.subtable("schedule")) {
    TableReader schedule(entry->value, entry->loc, "a schedule",
                         {"epochs", "factor"}, reporter);
    milestones = schedule.integers("epochs", 1);
    if (!llvm::is_sorted(milestones))
      reporter.error(schedule.find("epochs")->value.loc)
          << "expected the epochs of a schedule in order";
    factor = schedule.number("factor", factor, Bound::Positive);
  }
  int64_t pad = 0;
  bool flip = false;
  if (const Entry *entry = reader.subtable("augment")) {
    TableReader augment(entry->value, entry->loc, "an augmentation",
                        {"pad", "flip"}, reporter);
    pad = augment.integer("pad", 0, 0, 1 << 14);
    flip = augment.boolean("flip", false);
  }
  TrainingOp::create(
      builder, loc, dataset, reader.integer("batch", 128),
      reader.integer("epochs", 250),
      llvm::APFloat(reader.number("learning_rate", 0.1, Bound::Positive)),
      milestones, llvm::APFloat(factor),
      llvm::APFloat(reader.number("momentum", 0.9, Bound::Fraction)),
      llvm::APFloat(reader.number("l2", 0, Bound::NonNegative)),
      reader.boolean("l2_norms", true), pad, flip,
      reader.integer("seed", 0, 0, std::numeric_limits<int64_t>::max()));
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
