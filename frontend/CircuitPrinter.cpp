//===- CircuitPrinter.cpp - A circuit as a circuit file -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/Number.h"
#include "frontend/TomlText.h"
#include "frontend/Vocabulary.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace dale;

namespace {

class Printer {
public:
  /// `isWhole` says whether all is printed, or what the circuit computes only.
  Printer(llvm::raw_ostream &os, bool isWhole) : os(os), isWhole(isWhole) {}

  void print(CircuitOp circuit);

private:
  void print(AreaOp area);
  void print(PopulationOp population);
  void print(GateOp gate);
  void printProjections(AreaOp area);
  void print(ReadoutOp readout);
  void print(TrainingOp training);
  void printComputed(TrainingOp training);
  void printPool(PoolAttr pool);
  template <typename OpT>
  void printExponent(OpT op, TableId table, StringRef separator = ", ");

  llvm::raw_ostream &os;
  bool isWhole;
};

} // namespace

template <typename EnumT>
static std::string quoteEnum(EnumT value) {
  return quoteToml(keywordNames<EnumT>()[static_cast<unsigned>(value)]);
}

static StringRef show(bool value) { return value ? "true" : "false"; }

static std::string show(const llvm::APFloat &value) {
  return formatNumber(value.convertToDouble());
}

static std::string show(ArrayRef<double> values) {
  std::string text;
  for (double value : values)
    text += (text.empty() ? "[" : ", ") + formatNumber(value);
  return text.empty() ? "[]" : text + "]";
}

//===----------------------------------------------------------------------===//
// Sections
//===----------------------------------------------------------------------===//

void Printer::print(CircuitOp circuit) {
  ArrayRef<int64_t> input = circuit.getInput();
  os << "[circuit]\n";
  if (isWhole)
    os << "name = " << quoteToml(circuit.getSymName()) << "\n";
  os << "steps = " << circuit.getSteps() << "\n"
     << "input = { height = " << input[0] << ", width = " << input[1]
     << ", channels = " << input[2];
  if (std::optional<uint64_t> resize = circuit.getResize())
    os << ", resize = " << *resize;
  if (circuit.getMeans())
    os << ", means = " << show(*circuit.getMeans());
  os << " }\n";
  for (Operation &op : circuit.getBody().getOps()) {
    if (auto area = dyn_cast<AreaOp>(op))
      print(area);
    else if (auto readout = dyn_cast<ReadoutOp>(op))
      print(readout);
    else if (auto training = dyn_cast<TrainingOp>(op))
      print(training);
  }
}

void Printer::print(ReadoutOp readout) {
  os << "\n[readout]\n"
     << "classes = " << readout.getClasses() << "\n"
     << "time = " << quoteEnum(readout.getTime()) << "\n";
}

/// What an option of `train` says instead is no part of what is computed.
void Printer::print(TrainingOp training) {
  os << "\n[training]\n";
  if (!isWhole)
    return printComputed(training);
  os << "dataset = " << quoteToml(training.getDataset()) << "\n"
     << "batch = " << training.getBatch() << "\n"
     << "epochs = " << training.getEpochs() << "\n"
     << "learning_rate = " << show(training.getLearningRate()) << "\n";
  printComputed(training);
  os << "fraction = " << show(training.getFraction()) << "\n"
     << "random_labels = " << show(training.getRandomLabels()) << "\n"
     << "seed = " << training.getSeed() << "\n";
}

void Printer::printComputed(TrainingOp training) {
  os << "schedule = { epochs = [";
  llvm::interleaveComma(training.getMilestones(), os);
  os << "], factor = " << show(training.getFactor()) << " }\n"
     << "momentum = " << show(training.getMomentum()) << "\n"
     << "l2 = " << show(training.getL2()) << "\n"
     << "l2_norms = " << show(training.getL2Norms()) << "\n"
     << "augment = { pad = " << training.getPad()
     << ", flip = " << show(training.getFlip());
  if (training.getArea())
    os << ", area = " << show(*training.getArea())
       << ", aspect = " << show(*training.getAspect());
  os << " }\n";
}

//===----------------------------------------------------------------------===//
// Areas
//===----------------------------------------------------------------------===//

void Printer::printPool(PoolAttr pool) {
  if (pool)
    os << "pool = { size = " << pool.getSize()
       << ", stride = " << pool.getStride() << " }\n";
  else
    os << "pool = false\n";
}

/// Nothing but a power makes use of an exponent, but one that is said is read
/// back.
template <typename OpT>
void Printer::printExponent(OpT op, TableId table, StringRef separator) {
  const Key &key = *kindOf(table).find("exponent");
  auto exponent = static_cast<int64_t>(op.getExponent());
  if (op.getActivation() == Activation::Power ||
      exponent != std::get<int64_t>(key.fallback))
    os << separator << "exponent = " << exponent;
}

void Printer::print(AreaOp area) {
  StringRef name = area.getSymName();
  os << "\n[" << name << "]\n";
  if (area.isFeedForward()) {
    os << "channels = " << *area.getChannels() << "\n"
       << "kernel = " << area.getKernel() << "\n"
       << "stride = " << area.getStride() << "\n";
    if (NormAttr norm = area.getNormAttr())
      os << "norm = { kind = " << quoteEnum(norm.getKind())
         << ", decay = " << show(norm.getDecay().getValue())
         << ", epsilon = " << show(norm.getEpsilon().getValue()) << " }\n";
    else
      os << "norm = \"none\"\n";
    os << "activation = " << quoteEnum(area.getActivation());
    printExponent(area, TableId::FeedForward, "\n");
    os << "\n";
    printPool(area.getPoolAttr());
    return;
  }
  printPool(area.getPoolAttr());
  os << "\n[" << name << ".populations]\n";
  for (auto population : area.getBody().getOps<PopulationOp>())
    print(population);
  if (!area.getBody().getOps<GateOp>().empty())
    os << "\n[" << name << ".gates]\n";
  for (auto gate : area.getBody().getOps<GateOp>())
    print(gate);
  printProjections(area);
}

void Printer::print(PopulationOp population) {
  os << population.getSymName()
     << " = { channels = " << population.getChannels();
  if (std::optional<Sign> sign = population.getSign())
    os << ", sign = " << quoteEnum(*sign);
  os << ", principal = " << show(population.getPrincipal())
     << ", activation = " << quoteEnum(population.getActivation());
  if (NormAttr norm = population.getNormAttr())
    os << ", norm = { kind = " << quoteEnum(norm.getKind())
       << ", on = " << quoteEnum(population.getNormSite())
       << ", shared = " << show(norm.getShared())
       << ", decay = " << show(norm.getDecay().getValue())
       << ", epsilon = " << show(norm.getEpsilon().getValue()) << " }";
  else
    os << ", norm = \"none\"";
  printExponent(population, TableId::Population);
  if (DropoutAttr dropout = population.getDropoutAttr())
    os << ", dropout = { keep = " << show(dropout.getKeep().getValue())
       << ", on = " << quoteEnum(dropout.getOn()) << " }";
  if (population.getSilent())
    os << ", silent = true";
  os << " }\n";
}

void Printer::print(GateOp gate) {
  os << gate.getSymName() << " = { on = " << quoteToml(gate.getOn())
     << ", acts = " << quoteEnum(gate.getSite())
     << ", kind = " << quoteEnum(gate.getKind());
  if (std::optional<Sign> effect = gate.getEffect())
    os << ", effect = " << quoteEnum(*effect);
  if (std::optional<Activation> activation = gate.getActivation())
    os << ", activation = " << quoteEnum(*activation);
  printExponent(gate, TableId::Gate);
  os << ", offset = " << show(gate.getOffset()) << " }\n";
}

static std::string showAttributes(ProjectionOp projection) {
  std::string text = "{ range = " + quoteEnum(projection.getRange()) +
                     ", sign = " + quoteEnum(projection.getSign()) +
                     ", constraint = " + quoteEnum(projection.getConstraint()) +
                     ", kernel = " + quoteEnum(projection.getKernel()) +
                     ", size = " + std::to_string(projection.getSize());
  if (std::optional<uint64_t> delay = projection.getDelay())
    text += ", delay = " + std::to_string(*delay);
  return text + " }";
}

/// Neighbours with the same source and the same attributes share a line.
void Printer::printProjections(AreaOp area) {
  os << "\n[" << area.getSymName() << ".projections]\n";
  std::string source, attributes;
  for (auto projection : area.getBody().getOps<ProjectionOp>()) {
    std::string next = showAttributes(projection);
    std::string from = projection.getSourceName();
    if (from == source && next == attributes) {
      os << ", " << projection.getTarget();
      continue;
    }
    if (!source.empty())
      os << "\" = " << attributes << "\n";
    source = std::move(from);
    attributes = std::move(next);
    os << "\"" << source << " -> " << projection.getTarget();
  }
  if (!source.empty())
    os << "\" = " << attributes << "\n";
}

static std::string print(CircuitOp circuit, bool isWhole) {
  std::string text;
  llvm::raw_string_ostream os(text);
  Printer(os, isWhole).print(circuit);
  return text;
}

std::string dale::printCircuitFile(CircuitOp circuit) {
  return print(circuit, /*isWhole=*/true);
}

std::string dale::printComputation(CircuitOp circuit) {
  return print(circuit, /*isWhole=*/false);
}
