//===- AreaChecker.cpp - The rules inside a recurrent area -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/AreaChecker.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace dale;

LogicalResult AreaChecker::check() {
  collect();
  // The later checks follow names: they need all of them to resolve.
  if (!ok)
    return failure();
  for (auto &[name, population] : populations)
    checkPopulation(population);
  for (auto &[name, gate] : gates)
    checkGate(gate);
  for (ProjectionOp projection : projections)
    checkProjection(projection);
  checkDuplicates();
  checkDalesLaw();
  checkCycles();
  return success(ok);
}

InFlightDiagnostic AreaChecker::error(Operation *op) {
  ok = false;
  return op->emitError();
}

GateOp AreaChecker::gateAt(StringRef population, GateSite site) {
  for (auto &[name, gate] : gates)
    if (gate.getOn() == population && gate.getSite() == site)
      return gate;
  return {};
}

bool AreaChecker::hasProjectionInto(StringRef target) {
  return llvm::any_of(projections, [&](ProjectionOp projection) {
    return projection.getTarget() == target;
  });
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

void AreaChecker::collect() {
  for (Operation &op : area.getBody().getOps()) {
    if (auto population = dyn_cast<PopulationOp>(op))
      populations[population.getSymName()] = population;
    else if (auto gate = dyn_cast<GateOp>(op))
      gates[gate.getSymName()] = gate;
    else if (auto projection = dyn_cast<ProjectionOp>(op))
      projections.push_back(projection);
    else
      error(&op) << "an area holds populations, gates and projections only";
  }
  for (Operation &op : area.getBody().getOps())
    if (auto symbol = dyn_cast<SymbolOpInterface>(op);
        symbol && symbol.getName() == "input")
      error(&op) << "the name 'input' is taken: it is what the area reads from "
                    "below";

  for (auto &[name, gate] : gates)
    if (!populations.contains(gate.getOn()))
      error(gate) << "no population named '" << gate.getOn()
                  << "' for this gate to act on";
  for (ProjectionOp projection : projections) {
    StringRef source = projection.getSource(), target = projection.getTarget();
    if (projection.isFeedback())
      checkFeedback(projection);
    else if (gates.contains(source))
      error(projection) << source
                        << " is a gate: it acts on its population and does not "
                           "project";
    else if (!projection.readsInput() && !populations.contains(source))
      error(projection) << "no population named '" << source
                        << "' to project from";
    if (!populations.contains(target) && !gates.contains(target))
      error(projection) << "no population or gate named '" << target
                        << "' to project to";
  }
  if (llvm::none_of(populations,
                    [](auto &entry) { return entry.second.getPrincipal(); }))
    error(area) << "no population of this area is principal: nothing would "
                   "leave it";
}

//===----------------------------------------------------------------------===//
// One op
//===----------------------------------------------------------------------===//

void AreaChecker::checkPopulation(PopulationOp population) {
  StringRef name = population.getSymName();
  if (!hasProjectionInto(name))
    error(population) << "nothing projects to " << name;
  bool hasMemory = static_cast<bool>(gateAt(name, GateSite::Memory));
  if (population.getNorm() && population.getNormSite() == NormSite::Memory &&
      !hasMemory)
    error(population) << "the norm of " << name
                      << " acts on its memory, but no gate gives it one";
  DropoutAttr dropout = population.getDropoutAttr();
  if (!dropout)
    return;
  if (dropout.getOn() == NormSite::Memory && !hasMemory)
    error(population) << "the dropout of " << name
                      << " acts on its memory, but no gate gives it one";
  double keep = dropout.getKeep().getValueAsDouble();
  if (!(keep > 0 && keep <= 1))
    error(population) << "dropout keeps a share of more than 0 and at most 1";
}

void AreaChecker::checkGate(GateOp gate) {
  StringRef name = gate.getSymName();
  GateOp first = gateAt(gate.getOn(), gate.getSite());
  if (first != gate) {
    InFlightDiagnostic diag = error(gate)
                              << gate.getOn() << " already has a gate on its "
                              << stringifyGateSite(gate.getSite());
    diag.attachNote(first.getLoc())
        << first.getSymName() << " is declared here";
  }
  if (gate.getKind() == GateKind::Subtract &&
      gate.getSite() == GateSite::Memory)
    error(gate) << "a gate on the memory cannot subtract";
  if (gate.getKind() == GateKind::Leak) {
    if (gate.getSite() != GateSite::Memory)
      error(gate) << "a leak acts on the memory";
    if (gate.getEffect() || gate.getActivation())
      error(gate) << "a leak has no current: it takes neither an effect nor an "
                     "activation";
    return;
  }
  if (!hasProjectionInto(name)) {
    error(gate) << "nothing projects to gate " << name;
    return;
  }
  if (gate.getEffectiveEffect())
    return;
  InFlightDiagnostic diag = error(gate)
                            << "the projections that drive gate " << name
                            << " differ in sign: say its effect, excitatory or "
                               "inhibitory";
  for (ProjectionOp projection : projections)
    if (projection.getTarget() == name)
      diag.attachNote(projection.getLoc())
          << projection.getSource() << " is "
          << stringifySign(projection.getSign()) << " here";
}

/// What comes from an area above: a principal population, at an earlier step.
/// Its area lies in the same circuit, if anywhere.
void AreaChecker::checkFeedback(ProjectionOp projection) {
  std::string name = projection.getSourceName();
  StringRef above = *projection.getArea();
  AreaOp source;
  if (auto circuit = dyn_cast<CircuitOp>(area->getParentOp()))
    for (auto other : circuit.getBody().getOps<AreaOp>())
      if (other.getSymName() == above)
        source = other;
  if (!source) {
    error(projection) << "no area named '" << above << "' to project from";
    return;
  }
  if (source.isFeedForward() || !area->isBeforeInBlock(source)) {
    InFlightDiagnostic diag =
        error(projection) << above << " is not above " << area.getSymNameAttr()
                          << ": feedback comes from a recurrent area above";
    diag.attachNote(source.getLoc()) << above << " is declared here";
    return;
  }
  PopulationOp population;
  for (auto other : source.getBody().getOps<PopulationOp>())
    if (other.getSymName() == projection.getSource())
      population = other;
  if (!population) {
    error(projection) << "no population named '" << projection.getSource()
                      << "' in " << above << " to project from";
    return;
  }
  if (!population.getPrincipal()) {
    InFlightDiagnostic diag =
        error(projection)
        << name
        << " is an interneuron: only a principal population projects "
           "to another area";
    diag.attachNote(population.getLoc()) << name << " is declared here";
  }
  if (projection.getRange() == Range::Local)
    error(projection) << name
                      << " is in another area: its projections here "
                         "are 'long-range'";
  if (projection.getDelay() && *projection.getDelay() == 0)
    error(projection) << "feedback arrives at a later time step: its delay is "
                         "at least 1";
  if (projection.getConstraint() != Constraint::Free && population.getSign() &&
      *population.getSign() != projection.getSign()) {
    InFlightDiagnostic diag = error(projection)
                              << "Dale's law: this projection of " << name
                              << " is " << stringifySign(projection.getSign())
                              << ", but the population is "
                              << stringifySign(*population.getSign());
    diag.attachNote(population.getLoc()) << name << " is declared here";
  }
}

void AreaChecker::checkProjection(ProjectionOp projection) {
  StringRef source = projection.getSource(), target = projection.getTarget();
  if (GateOp gate = gates.lookup(target);
      gate && gate.getKind() == GateKind::Leak) {
    InFlightDiagnostic diag = error(projection)
                              << target
                              << " is a leak: it has no current to project to";
    diag.attachNote(gate.getLoc()) << target << " is declared here";
  }
  if (projection.readsInput()) {
    if (projection.getRange() == Range::Local)
      error(projection) << "input comes from the area below: its projections "
                           "are 'long-range'";
    return;
  }
  if (projection.isFeedback() || projection.getRange() == Range::Local)
    return;
  PopulationOp population = populations.lookup(source);
  if (population.getPrincipal()) {
    error(projection) << "a projection within an area is 'local': the area "
                         "above reads "
                      << source << " as 'input'";
    return;
  }
  InFlightDiagnostic diag = error(projection)
                            << source
                            << " is an interneuron: its projections are local; "
                               "'long-range' needs principal = true";
  diag.attachNote(population.getLoc()) << source << " is declared here";
}

/// Projections are known by the name of their weights: a population's name may
/// make two of them the same.
void AreaChecker::checkDuplicates() {
  llvm::StringMap<ProjectionOp> seen;
  for (ProjectionOp projection : projections) {
    std::string source = projection.getSourceName();
    std::string name = source + "_to_" + projection.getTarget().str();
    auto [it, isNew] = seen.try_emplace(name, projection);
    if (isNew)
      continue;
    InFlightDiagnostic diag = error(projection);
    if (it->second.getTarget() == projection.getTarget())
      diag << source << " already projects to " << projection.getTarget();
    else
      diag << "its weights would be named '" << name
           << "', as another projection's are: give a population another name";
    diag.attachNote(it->second.getLoc()) << "the first projection is here";
  }
}

//===----------------------------------------------------------------------===//
// Dale's law
//===----------------------------------------------------------------------===//

/// A population's synapses of one range do the same to all their targets. They
/// may all differ from what its declared sign says: that flips the population
/// as a whole.
void AreaChecker::checkDalesLaw() {
  llvm::MapVector<std::pair<StringRef, Range>, ProjectionOp> first;
  for (ProjectionOp projection : projections) {
    if (projection.getConstraint() == Constraint::Free ||
        projection.isFeedback())
      continue;
    StringRef source = projection.getSource();
    Range range = projection.getRange();
    auto [it, isNew] = first.try_emplace({source, range}, projection);
    Sign sign = it->second.getSign();
    if (isNew || sign == projection.getSign())
      continue;
    InFlightDiagnostic diag = error(projection)
                              << "Dale's law: this projection of " << source
                              << " is " << stringifySign(projection.getSign())
                              << ", but its projection to "
                              << it->second.getTarget() << " is "
                              << stringifySign(sign);
    diag.attachNote(it->second.getLoc())
        << source << " is " << stringifySign(sign) << " here";
  }
}

//===----------------------------------------------------------------------===//
// Cycles within a time step
//===----------------------------------------------------------------------===//

bool AreaChecker::findCycle(StringRef node, llvm::SetVector<StringRef> &path,
                            llvm::StringSet<> &done) {
  if (done.contains(node))
    return false;
  path.insert(node);
  auto follow = [&](StringRef next) {
    if (!path.contains(next))
      return findCycle(next, path, done);
    ArrayRef<StringRef> cycle = path.getArrayRef().drop_until(
        [&](StringRef visited) { return visited == next; });
    auto inCycle = [&](ProjectionOp projection) {
      for (auto [index, from] : llvm::enumerate(cycle))
        if (projection.getSource() == from &&
            projection.getTarget() == cycle[(index + 1) % cycle.size()])
          return projection.getEffectiveDelay() == 0;
      return false;
    };
    // Gates have no other way out: a cycle has a projection. One that asks for
    // no delay is the likelier mistake, then the last one.
    ProjectionOp culprit;
    for (ProjectionOp projection : projections)
      if (inCycle(projection) &&
          (!culprit || projection.getDelay() || !culprit.getDelay()))
        culprit = projection;
    error(culprit) << "cycle within a time step: " << llvm::join(cycle, " -> ")
                   << " -> " << next
                   << "; 'delay = 1' on this projection would break it";
    return true;
  };
  for (ProjectionOp projection : projections)
    if (projection.getSource() == node && projection.getEffectiveDelay() == 0 &&
        follow(projection.getTarget()))
      return true;
  if (GateOp gate = gates.lookup(node))
    if (follow(gate.getOn()))
      return true;
  path.pop_back();
  done.insert(node);
  return false;
}

void AreaChecker::checkCycles() {
  llvm::StringSet<> done;
  for (auto &[name, population] : populations) {
    llvm::SetVector<StringRef> path;
    if (findCycle(name, path, done))
      return;
  }
}
