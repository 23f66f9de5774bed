//===- Equations.cpp - A circuit as equations -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// This follows compiler/expand/RecurrentArea.cpp function by function, and must
// say what that one computes.
//
//===----------------------------------------------------------------------===//

#include "frontend/Equations.h"
#include "compiler/expand/CircuitPlan.h"
#include "frontend/Number.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Unicode.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

using namespace mlir;
using namespace dale;
using namespace dale::expand;

namespace {

/// A part of a right-hand side.
struct Term {
  std::string text;
  /// Whether it needs parentheses as a factor.
  bool isSum = false;
};

struct Equation {
  std::string left, right, note;
};

/// The equations of one recurrent area.
class AreaEquations {
public:
  explicit AreaEquations(const AreaPlan &plan);

  std::vector<Equation> write(const std::string &input);

  /// What the principal populations send on, at one time (`_t`).
  std::string principal(StringRef time) const;

  /// Every projection's symbol.
  std::string symbol(const ProjectionPlan &projection) const;

private:
  std::string unused(std::string name) const;
  std::string at(const std::string &symbol, int64_t delay) const;
  Term project(const ProjectionPlan &projection) const;
  Term current(StringRef name, ArrayRef<ProjectionPlan> projections,
               Sign positive, double offset) const;
  void writeGate(const GatePlan &gate);
  Term carry(const PopulationPlan &population, Term &candidate) const;
  Term output(const PopulationPlan &population, const Term &state) const;
  bool hasOwnState(const PopulationPlan &population) const;
  std::string stateOf(const PopulationPlan &population) const;
  void writePopulation(const PopulationPlan &population);

  const AreaPlan &plan;
  llvm::StringSet<> names;
  std::string input;
  /// What stands between source and target where "W_" and both is ambiguous.
  std::string separator;
  std::vector<Equation> equations;
};

} // namespace

//===----------------------------------------------------------------------===//
// Terms
//===----------------------------------------------------------------------===//

static std::string factor(const Term &term) {
  return term.isSum ? "(" + term.text + ")" : term.text;
}

static Term multiply(const std::string &by, const Term &x) {
  return {by + " ∘ " + factor(x)};
}

static Term activate(Activation activation, const Term &x, int64_t exponent) {
  switch (activation) {
  case Activation::Identity:
    return x;
  case Activation::Sigmoid:
    return {"σ(" + x.text + ")"};
  case Activation::RectifiedTanh:
    return {"relu(tanh(" + x.text + "))"};
  case Activation::Power:
    return {"relu(" + x.text + ")^" + std::to_string(exponent)};
  default:
    return {stringifyEnum(activation).str() + "(" + x.text + ")"};
  }
}

static Term activate(PopulationOp op, const Term &x) {
  return activate(op.getActivation(), x, op.getExponent());
}

/// The norm, then the dropout that act here.
static Term normalize(PopulationOp op, NormSite site, Term x) {
  if (NormAttr norm = op.getNormAttr(); norm && op.getNormSite() == site) {
    std::string name = norm.getKind() == NormKind::Layer ? "LN" : "BN";
    x = {name + (norm.getShared() ? "(" : "_t(") + x.text + ")"};
  }
  DropoutAttr dropout = op.getDropoutAttr();
  if (dropout && dropout.getOn() == site)
    x = {"drop_" + formatNumber(dropout.getKeep().getValueAsDouble()) + "(" +
         x.text + ")"};
  return x;
}

/// A constant that is added: " + 1", " − 0.5" or nothing.
static std::string showOffset(double offset) {
  if (offset == 0)
    return "";
  std::string text = formatNumber(std::abs(offset));
  StringRef number = text;
  number.consume_back(".0");
  return (offset < 0 ? " − " : " + ") + number.str();
}

static const GatePlan *findGate(const PopulationPlan &population,
                                GateSite site) {
  for (const GatePlan &gate : population.gates)
    if (GateOp(gate.op).getSite() == site)
      return &gate;
  return nullptr;
}

/// g ∘ x, or (1 − g) ∘ x where the gate inhibits.
static Term multiplyBy(const GatePlan &gate, const Term &x) {
  std::string value = GateOp(gate.op).getSymName().str() + "_t";
  return multiply(
      gate.effect == Sign::Inhibitory ? "(1 − " + value + ")" : value, x);
}

/// x − g, or x + g − 1 where the gate excites.
static Term subtractBy(const GatePlan &gate, const Term &x) {
  std::string value = GateOp(gate.op).getSymName().str() + "_t";
  return {x.text + (gate.effect == Sign::Inhibitory ? " − " + value
                                                    : " + " + value + " − 1"),
          true};
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

AreaEquations::AreaEquations(const AreaPlan &plan) : plan(plan) {
  for (const PopulationPlan &population : plan.populations) {
    names.insert(PopulationOp(population.op).getSymName());
    for (const GatePlan &gate : population.gates)
      names.insert(GateOp(gate.op).getSymName());
  }
  input = unused("X");
  llvm::StringSet<> symbols;
  // The source of feedback has a point in it.
  bool ambiguous = false;
  auto note = [&](ArrayRef<ProjectionPlan> projections) {
    for (const ProjectionPlan &projection : projections)
      ambiguous |= ProjectionOp(projection.op).isFeedback() ||
                   !symbols.insert(symbol(projection)).second;
  };
  for (const PopulationPlan &population : plan.populations) {
    note(population.projections);
    for (const GatePlan &gate : population.gates)
      note(gate.projections);
  }
  if (ambiguous)
    separator = "→";
}

std::string AreaEquations::unused(std::string name) const {
  while (names.contains(name))
    name += "'";
  return name;
}

std::string AreaEquations::at(const std::string &symbol, int64_t delay) const {
  if (delay == 0)
    return symbol + "_t";
  if (delay == 1)
    return symbol;
  return symbol + "_(t−" + std::to_string(delay) + ")";
}

std::string AreaEquations::symbol(const ProjectionPlan &projection) const {
  ProjectionOp op = projection.op;
  return "W_" + (op.readsInput() ? input : op.getSourceName()) + separator +
         op.getTarget().str();
}

/// Whether what a population keeps is another value than what it sends.
bool AreaEquations::hasOwnState(const PopulationPlan &population) const {
  PopulationOp op = population.op;
  return op.getSilent() || findGate(population, GateSite::Output) ||
         (op.getNorm() && op.getNormSite() == NormSite::Memory &&
          op.getActivation() != Activation::Identity);
}

std::string AreaEquations::stateOf(const PopulationPlan &population) const {
  std::string name = PopulationOp(population.op).getSymName().str();
  if (!hasOwnState(population))
    return name;
  bool isOnly = llvm::count_if(plan.populations, [&](const auto &other) {
                  return hasOwnState(other);
                }) == 1;
  return unused(isOnly ? "C" : "C_" + name);
}

std::string AreaEquations::principal(StringRef time) const {
  std::vector<std::string> maps;
  for (const PopulationPlan &population : plan.populations)
    if (PopulationOp op = population.op; op.getPrincipal())
      maps.push_back((op.getSymName() + time).str());
  if (maps.size() == 1)
    return maps.front();
  return "[" + llvm::join(maps, ", ") + "]";
}

//===----------------------------------------------------------------------===//
// Currents, gates and populations
//===----------------------------------------------------------------------===//

Term AreaEquations::project(const ProjectionPlan &projection) const {
  ProjectionOp op = projection.op;
  std::string source = op.readsInput() ? input : op.getSourceName();
  return {symbol(projection) + (op.isFeedback() ? " *ᵀ " : " * ") +
          at(source, projection.delay)};
}

Term AreaEquations::current(StringRef name,
                            ArrayRef<ProjectionPlan> projections, Sign positive,
                            double offset) const {
  std::string sum;
  auto isPositive = [&](const ProjectionPlan &projection) {
    return ProjectionOp(projection.op).getSign() == positive;
  };
  for (const ProjectionPlan &projection : projections)
    if (isPositive(projection))
      sum += (sum.empty() ? "" : " + ") + project(projection).text;
  for (const ProjectionPlan &projection : projections)
    if (!isPositive(projection))
      sum += (sum.empty() ? "−" : " − ") + project(projection).text;
  sum += (sum.empty() ? "b_" : " + b_") + name.str() + showOffset(offset);
  return {sum, true};
}

void AreaEquations::writeGate(const GatePlan &gate) {
  GateOp op = gate.op;
  std::string name = op.getSymName().str();
  double offset = op.getOffset().convertToDouble();
  if (op.getKind() == GateKind::Leak) {
    // A tilde over the first letter.
    std::string stored = name.substr(0, 1) + "̃" + name.substr(1);
    equations.push_back({name, "σ(" + stored + showOffset(offset) + ")",
                         "one value a channel, the same at all steps"});
    return;
  }
  Term sum = current(name, gate.projections, gate.effect, offset);
  equations.push_back(
      {name + "_t",
       activate(op.getEffectiveActivation(), sum, op.getExponent()).text, ""});
}

/// What is kept of the state, and what becomes of the candidate beside it.
Term AreaEquations::carry(const PopulationPlan &population,
                          Term &candidate) const {
  const GatePlan *gate = findGate(population, GateSite::Memory);
  if (!gate)
    return {};
  Term state{stateOf(population)};
  GateOp op = gate->op;
  if (op.getKind() == GateKind::Multiply)
    return multiplyBy(*gate, state);
  std::string name = op.getSymName().str();
  candidate = multiply("(1 − " + name + ")", candidate);
  return multiply(name, state);
}

Term AreaEquations::output(const PopulationPlan &population,
                           const Term &state) const {
  PopulationOp op = population.op;
  const GatePlan *gate = findGate(population, GateSite::Output);
  if (gate && GateOp(gate->op).getKind() == GateKind::Subtract)
    return activate(op, subtractBy(*gate, state));
  if (gate)
    return multiplyBy(*gate, activate(op, state));
  if (op.getNorm() && op.getNormSite() == NormSite::Memory)
    return activate(op, state);
  return state;
}

void AreaEquations::writePopulation(const PopulationPlan &population) {
  for (const GatePlan &gate : population.gates)
    writeGate(gate);
  PopulationOp op = population.op;
  Term candidate =
      current(op.getSymName(), population.projections, Sign::Excitatory, 0);
  candidate = normalize(op, NormSite::Current, candidate);
  const GatePlan *gate = findGate(population, GateSite::Input);
  bool subtracts = gate && GateOp(gate->op).getKind() == GateKind::Subtract;
  if (subtracts)
    candidate = subtractBy(*gate, candidate);
  candidate = activate(op, candidate);
  if (gate && !subtracts)
    candidate = multiplyBy(*gate, candidate);

  Term kept = carry(population, candidate);
  Term state = candidate;
  if (!kept.text.empty())
    state = {kept.text + " + " + candidate.text, true};
  // Of a sum, a minus at its front would be read as the plus's.
  if (!kept.text.empty() && StringRef(candidate.text).starts_with("−"))
    state.text = kept.text + " + (" + candidate.text + ")";
  state = normalize(op, NormSite::Memory, state);

  std::string name = stateOf(population) + "_t";
  equations.push_back({name, state.text, ""});
  std::string activity = (op.getSymName() + "_t").str();
  if (op.getSilent())
    equations.push_back({activity, "0", "silent"});
  else if (hasOwnState(population))
    equations.push_back({activity, output(population, {name}).text, ""});
}

std::vector<Equation> AreaEquations::write(const std::string &reads) {
  equations.push_back({input + "_t", reads, ""});
  for (unsigned index : plan.order)
    writePopulation(plan.populations[index]);
  return std::move(equations);
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

static std::string describeKernel(const ProjectionPlan &projection) {
  ProjectionOp op = projection.op;
  std::string size = std::to_string(op.getSize());
  std::string text =
      op.getKernel() == Kernel::Regular ? "regular " : "separable ";
  text += size + " × " + size;
  if (op.isFeedback())
    text += ", transposed, stride " + std::to_string(projection.stride);
  switch (op.getConstraint()) {
  case Constraint::Abs:
    return text + ", |W̃|";
  case Constraint::Rectify:
    return text + ", max(W̃, 0)";
  case Constraint::Free:
    return text + ", W̃ as it is";
  }
  return text;
}

/// The symbols of an area's projections, by what their kernels are.
using KernelGroups = std::map<std::string, std::vector<std::string>>;

static KernelGroups groupKernels(const AreaPlan &plan,
                                 const AreaEquations &area) {
  KernelGroups groups;
  auto add = [&](ArrayRef<ProjectionPlan> projections) {
    for (const ProjectionPlan &projection : projections)
      groups[describeKernel(projection)].push_back(area.symbol(projection));
  };
  for (const PopulationPlan &population : plan.populations) {
    add(population.projections);
    for (const GatePlan &gate : population.gates)
      add(gate.projections);
  }
  return groups;
}

//===----------------------------------------------------------------------===//
// The whole circuit
//===----------------------------------------------------------------------===//

namespace {
class Printer {
public:
  explicit Printer(llvm::raw_ostream &os) : os(os) {}

  void printHeader(const CircuitPlan &plan, StringRef body);
  void printBody(const CircuitPlan &plan);

private:
  void print(ArrayRef<Equation> equations);
  Equation feedForward(const AreaPlan &area);
  void printRecurrent(const AreaPlan &area, bool isLast);
  void printReadout(const CircuitPlan &plan);

  llvm::raw_ostream &os;
  std::string below = "image";
};
} // namespace

static std::string pool(const AreaPlan &area, const std::string &map) {
  return AreaOp(area.op).getPoolAttr() ? "pool(" + map + ")" : map;
}

static std::string describePool(const AreaPlan &area) {
  PoolAttr pool = AreaOp(area.op).getPoolAttr();
  if (!pool)
    return "";
  std::string size = std::to_string(pool.getSize());
  return "max pool " + size + " × " + size + ", stride " +
         std::to_string(pool.getStride());
}

/// Left sides in one column, notes behind.
void Printer::print(ArrayRef<Equation> equations) {
  auto width = [](StringRef text) {
    return std::max(0, llvm::sys::unicode::columnWidthUTF8(text));
  };
  int left = 0;
  for (const Equation &equation : equations)
    left = std::max(left, width(equation.left));
  for (const Equation &equation : equations) {
    os << "    " << equation.left;
    os.indent(left - width(equation.left)) << " = " << equation.right;
    if (!equation.note.empty())
      os << "    (" << equation.note << ")";
    os << "\n";
  }
}

/// What the body uses is explained above it.
void Printer::printHeader(const CircuitPlan &plan, StringRef body) {
  const std::pair<StringRef, StringRef> glossary[] = {
      {"*ᵀ",
       "*ᵀ is a transposed convolution, which brings an area above to the "
       "size of this one."},
      {"BN_t(",
       "BN_t is a batch norm with its own parameters at each time step."},
      {"BN(", "BN is a batch norm."},
      {"LN_t(",
       "LN_t is a layer norm with its own parameters at each time step."},
      {"LN(", "LN is a layer norm."},
      {"drop_",
       "drop_p keeps a share p of the units, times 1/p, while training."},
  };
  CircuitOp circuit = plan.op;
  os << circuit.getSymName() << "\n\n"
     << "t = 1 .. " << circuit.getSteps()
     << "; _t is this time step, without it the step before. What is before "
        "the "
        "first step is 0.\n"
     << "X_t is what an area reads. * is a convolution, ∘ the product of "
        "elements.\n";
  for (auto [symbol, meaning] : glossary)
    if (body.contains(symbol))
      os << meaning << "\n";
}

Equation Printer::feedForward(const AreaPlan &area) {
  AreaOp op = area.op;
  std::string name = op.getSymName().str();
  std::string map = "W_" + name + " * " + below;
  if (NormAttr norm = op.getNormAttr())
    map = (norm.getKind() == NormKind::Layer ? "LN(" : "BN(") + map + ")";
  map = activate(op.getActivation(), {map}, op.getExponent()).text;
  std::string kernel = std::to_string(op.getKernel());
  std::string note = "W " + kernel + " × " + kernel + ", stride " +
                     std::to_string(op.getStride());
  if (op.getPoolAttr())
    note += "; " + describePool(area);
  below = name;
  return {name, pool(area, map), note};
}

void Printer::printRecurrent(const AreaPlan &area, bool isLast) {
  StringRef name = AreaOp(area.op).getSymName();
  AreaEquations writer(area);
  os << "\n" << name << ", at every time step\n\n";
  std::vector<Equation> equations = writer.write(below);
  below = name.str() + "_t";
  if (!isLast)
    equations.push_back(
        {below, pool(area, writer.principal("_t")), describePool(area)});
  print(equations);
  KernelGroups groups = groupKernels(area, writer);
  os << "\n";
  for (auto &[kernel, symbols] : groups)
    os << "    " << (groups.size() == 1 ? "every W" : llvm::join(symbols, ", "))
       << ": " << kernel << "\n";
}

void Printer::printReadout(const CircuitPlan &plan) {
  ReadoutOp readout = plan.readout;
  const AreaPlan &area = plan.areas.back();
  AreaEquations last(area);
  std::string map = readout.getTime() == ReadoutTime::Last
                        ? last.principal("_T")
                        : "Σ_t " + last.principal("_t");
  std::string note = describePool(area);
  if (readout.getTime() == ReadoutTime::Last)
    note += (note.empty() ? "" : "; ") + std::string("T = ") +
            std::to_string(CircuitOp(plan.op).getSteps());
  os << "\nread-out\n\n";
  print(Equation{
      "logits", "W_readout · mean(" + pool(area, map) + ") + b_readout", note});
}

void Printer::printBody(const CircuitPlan &plan) {
  std::vector<Equation> once;
  for (const AreaPlan &area : plan.areas)
    if (AreaOp(area.op).isFeedForward())
      once.push_back(feedForward(area));
  if (!once.empty()) {
    os << "\nonce, for all time steps\n\n";
    print(once);
  }
  for (const AreaPlan &area : plan.areas)
    if (!AreaOp(area.op).isFeedForward())
      printRecurrent(area, &area == &plan.areas.back());
  printReadout(plan);
}

std::string dale::printEquations(CircuitOp circuit) {
  CircuitPlan plan = planCircuit(circuit);
  std::string header, body;
  llvm::raw_string_ostream headerStream(header), bodyStream(body);
  Printer(bodyStream).printBody(plan);
  Printer(headerStream).printHeader(plan, body);
  return header + body;
}
