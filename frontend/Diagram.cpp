//===- Diagram.cpp - A circuit as Graphviz source -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Diagram.h"
#include "compiler/expand/CircuitPlan.h"
#include "frontend/Vocabulary.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

/// Okabe and Ito's colours, which the colour-blind can tell apart.
static constexpr const char *blue = "#0072B2";
static constexpr const char *vermilion = "#D55E00";
static constexpr const char *grey = "#707070";

namespace {

class Diagram {
public:
  explicit Diagram(llvm::raw_ostream &os) : os(os) {}

  void print(const CircuitPlan &plan);

private:
  void printTitle(const CircuitPlan &plan);
  void printFeedForward(const AreaPlan &area);
  void printRecurrent(const AreaPlan &area);
  void openCluster(const AreaPlan &area, StringRef what);
  void printPool(const AreaPlan &area);
  void printPopulation(const AreaPlan &area, const PopulationPlan &population);
  void printGate(const AreaPlan &area, const PopulationPlan &population,
                 const GatePlan &gate);
  void printProjection(const AreaPlan &area, const ProjectionPlan &projection);
  void anchor(const AreaPlan &area, StringRef target,
              ArrayRef<ProjectionPlan> projections);
  void printReadout(const CircuitPlan &plan);

  llvm::raw_ostream &os;
  /// The node that the next area reads.
  std::string below = "image";
  /// Edges stand outside of all clusters: one would draw the nodes that it
  /// names into its own.
  std::string edgeText;
  llvm::raw_string_ostream edges{edgeText};
};

} // namespace

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

/// Text in one of Graphviz' HTML-like labels.
static std::string escape(StringRef text) {
  std::string escaped;
  for (char c : text)
    switch (c) {
    case '&':
      escaped += "&amp;";
      break;
    case '<':
      escaped += "&lt;";
      break;
    case '>':
      escaped += "&gt;";
      break;
    case '"':
      escaped += "&quot;";
      break;
    default:
      escaped += c;
    }
  return escaped;
}

static std::string bold(StringRef text) {
  return "<b>" + escape(text) + "</b>";
}

/// A further line of a label.
static std::string small(const Twine &text) {
  return "<br/><font point-size=\"9\">" + escape(text.str()) + "</font>";
}

static std::string showPixels(const MapShape &shape) {
  return (Twine(shape.height) + " × " + Twine(shape.width)).str();
}

static std::string showShape(const MapShape &shape) {
  return showPixels(shape) + " × " + std::to_string(shape.channels);
}

static std::string square(int64_t size) {
  return (Twine(size) + " × " + Twine(size)).str();
}

/// `Op` cannot be asked for its name where it is const.
template <typename OpT>
static std::string node(const AreaPlan &area, OpT op) {
  return (AreaOp(area.op).getSymName() + "/" + op.getSymName()).str();
}

static const char *colourOf(std::optional<Sign> sign) {
  if (!sign)
    return grey;
  return *sign == Sign::Excitatory ? blue : vermilion;
}

template <typename EnumT>
static std::string spell(EnumT value) {
  return keywordNames<EnumT>()[static_cast<unsigned>(value)];
}

/// What a gate g makes of what it acts on.
static std::string describeEffect(const GatePlan &gate) {
  GateOp op = gate.op;
  std::string site = spell(op.getSite()), g = op.getSymName().str();
  bool inhibits = gate.effect == Sign::Inhibitory;
  switch (op.getKind()) {
  case GateKind::Multiply:
    return site + (inhibits ? " × (1 − " + g + ")" : " × " + g);
  case GateKind::Subtract:
    return site + (inhibits ? " − " + g : " + " + g + " − 1");
  case GateKind::Leak:
    return site + " × " + g + "\\l input × (1 − " + g + ")\\l";
  }
  return site;
}

//===----------------------------------------------------------------------===//
// Areas
//===----------------------------------------------------------------------===//

void Diagram::openCluster(const AreaPlan &area, StringRef what) {
  StringRef name = AreaOp(area.op).getSymName();
  os << "  subgraph \"cluster_" << name << "\" {\n"
     << "    labeljust = l;\n"
     << "    label = <" << bold(name) << "  <font point-size=\"9\">" << what
     << "</font>>;\n";
}

/// What leaves an area: a node of its own, which everything above reads.
void Diagram::printPool(const AreaPlan &area) {
  AreaOp op = area.op;
  std::string name = (op.getSymName() + " output").str();
  os << "    \"" << name << "\" [shape=box, style=\"rounded,filled\", "
     << "fillcolor=white, color=\"#999999\", label=<";
  if (PoolAttr pool = op.getPoolAttr())
    os << "max pool " << square(pool.getSize())
       << small("stride " + Twine(pool.getStride()) + " → " +
                showShape(area.output));
  else
    os << "output" << small(showShape(area.output));
  os << ">];\n";
  below = name;
}

/// "ReLU", or another activation by its name in circuit files.
template <typename OpT>
static std::string nameOfActivation(OpT op) {
  if (op.getActivation() == Activation::Relu)
    return "ReLU";
  if (op.getActivation() == Activation::Power)
    return ("to the power of " + Twine(op.getExponent())).str();
  return spell(op.getActivation());
}

void Diagram::printFeedForward(const AreaPlan &area) {
  AreaOp op = area.op;
  std::string name = (op.getSymName() + " map").str();
  std::string stride = op.getStride() > 1
                           ? ", stride " + std::to_string(op.getStride())
                           : std::string();
  openCluster(area, "runs once");
  os << "    \"" << name << "\" [shape=box, style=filled, fillcolor=\"" << grey
     << "\", color=\"" << grey << "\", fontcolor=white, label=<"
     << "<b>convolution</b> " << square(op.getKernel())
     << small(Twine(area.map.channels) + " channels" + stride)
     << small((op.getNormAttr() ? spell(op.getNormAttr().getKind()) + " norm, "
                                : std::string()) +
              nameOfActivation(op))
     << ">];\n";
  edges << "  \"" << below << "\" -> \"" << name << "\";\n";
  printPool(area);
  edges << "  \"" << name << "\" -> \"" << below << "\";\n";
  os << "  }\n";
}

void Diagram::printPopulation(const AreaPlan &area,
                              const PopulationPlan &population) {
  PopulationOp op = population.op;
  std::string colour = colourOf(op.getSign());
  bool silent = op.getSilent(); // is drawn as an empty shell
  os << "    \"" << node(area, op) << "\" [shape=ellipse, style=\"filled"
     << (silent ? ",dotted" : "") << "\", fillcolor=\""
     << (silent ? "white" : colour) << "\", color=\"" << colour
     << "\", fontcolor=\"" << (silent ? colour : "white") << "\"";
  // The outer line of a double border is drawn around the filling.
  if (op.getPrincipal())
    os << ", peripheries=2, penwidth=1.5";
  os << ", label=<" << bold(op.getSymName())
     << small(Twine(op.getChannels()) + " channels");
  if (op.getActivation() != Activation::Relu)
    os << small(nameOfActivation(op));
  if (NormAttr norm = op.getNormAttr())
    os << small(spell(norm.getKind()) + " norm of its " +
                spell(op.getNormSite()));
  if (DropoutAttr dropout = op.getDropoutAttr())
    os << small("dropout of its " + spell(dropout.getOn()));
  if (op.getSilent())
    os << small("silent");
  os << ">];\n";
}

void Diagram::printGate(const AreaPlan &area, const PopulationPlan &population,
                        const GatePlan &gate) {
  GateOp op = gate.op;
  os << "    \"" << node(area, op)
     << "\" [shape=circle, width=0.3, margin=0.02, "
     << "style=filled, fillcolor=white, color=\"" << grey << "\", label=<"
     << bold(op.getSymName()) << ">];\n";
  edges << "  \"" << node(area, op) << "\" -> \""
        << node(area, PopulationOp(population.op)) << "\" [color=\"" << grey
        << "\", arrowhead=dot, label=\" " << describeEffect(gate) << " \"];\n";
}

/// What comes from an earlier step does not say who stands before whom.
static bool orders(const ProjectionPlan &projection) {
  return projection.delay == 0 || ProjectionOp(projection.op).readsInput();
}

void Diagram::printProjection(const AreaPlan &area,
                              const ProjectionPlan &projection) {
  ProjectionOp op = projection.op;
  std::string source = below;
  if (op.isFeedback())
    source = (*op.getArea() + "/" + op.getSource()).str();
  else if (!op.readsInput())
    source = (AreaOp(area.op).getSymName() + "/" + op.getSource()).str();
  edges << "    \"" << source << "\" -> \"" << AreaOp(area.op).getSymName()
        << "/" << op.getTarget() << "\" [color=\"" << colourOf(op.getSign())
        << "\", arrowhead="
        << (op.getSign() == Sign::Excitatory ? "normal" : "tee");
  if (op.getRange() == dale::Range::LongRange)
    edges << ", style=dashed, penwidth=1.8";
  if (projection.delay > 0)
    edges << ", dir=both, arrowtail=odot";
  if (!orders(projection))
    edges << ", constraint=false";
  if (projection.delay > 1)
    edges << ", label=\" t − " << projection.delay << " \"";
  edges << "];\n";
}

/// What is driven by earlier steps only, or by nothing, stands below the area
/// that it belongs above.
void Diagram::anchor(const AreaPlan &area, StringRef target,
                     ArrayRef<ProjectionPlan> projections) {
  if (!llvm::any_of(projections, orders))
    edges << "  \"" << below << "\" -> \"" << AreaOp(area.op).getSymName()
          << "/" << target << "\" [style=invis];\n";
}

void Diagram::printRecurrent(const AreaPlan &area) {
  openCluster(area, "recurrent, " + showPixels(area.input));
  for (const PopulationPlan &population : area.populations)
    printPopulation(area, population);
  for (const PopulationPlan &population : area.populations)
    for (const GatePlan &gate : population.gates)
      printGate(area, population, gate);
  for (const PopulationPlan &population : area.populations) {
    for (const ProjectionPlan &projection : population.projections)
      printProjection(area, projection);
    anchor(area, PopulationOp(population.op).getSymName(),
           population.projections);
    for (const GatePlan &gate : population.gates) {
      for (const ProjectionPlan &projection : gate.projections)
        printProjection(area, projection);
      anchor(area, GateOp(gate.op).getSymName(), gate.projections);
    }
  }
  printPool(area);
  for (const PopulationPlan &population : area.populations) {
    PopulationOp op = population.op;
    if (op.getPrincipal())
      edges << "  \"" << node(area, op) << "\" -> \"" << below << "\" [color=\""
            << colourOf(op.getSign()) << "\", style=dashed, penwidth=1.8];\n";
  }
  os << "  }\n";
}

//===----------------------------------------------------------------------===//
// The whole circuit
//===----------------------------------------------------------------------===//

void Diagram::printTitle(const CircuitPlan &plan) {
  CircuitOp circuit = plan.op;
  os << "  label = <<font point-size=\"16\">" << bold(circuit.getSymName())
     << "</font><br/>" << circuit.getSteps()
     << (circuit.getSteps() == 1 ? " time step" : " time steps")
     << "<br/><font point-size=\"9\"><font color=\"" << blue
     << "\">▶ excitatory</font>   <font color=\"" << vermilion
     << "\">┤ inhibitory</font>   – – long-range   — local"
     << "<br/>○— as it was at the step before   double border: principal"
     << "</font><br/> >;\n";
}

void Diagram::printReadout(const CircuitPlan &plan) {
  ReadoutOp op = plan.readout;
  os << "  \"read-out\" [shape=box, style=\"rounded,filled\", "
        "fillcolor=\"#EEEEEE\", "
     << "color=\"#999999\", label=<" << bold("read-out")
     << small("mean over space, dense layer")
     << small(op.getTime() == ReadoutTime::Last ? "of the last time step"
                                                : "of the sum over time steps")
     << small(Twine(op.getClasses()) + " classes") << ">];\n"
     << "  \"" << below << "\" -> \"read-out\";\n";
}

void Diagram::print(const CircuitPlan &plan) {
  os << "digraph circuit {\n"
     << "  graph [rankdir=TB, fontname=\"Helvetica\", labelloc=t, "
        "nodesep=0.4, "
     << "ranksep=0.4, style=\"rounded,filled\", fillcolor=\"#F4F4F4\", "
     << "color=\"#CCCCCC\", bgcolor=white];\n"
     << "  node [fontname=\"Helvetica\", fontsize=11];\n"
     << "  edge [fontname=\"Helvetica\", fontsize=9, color=\"" << grey
     << "\", fontcolor=\"#333333\", arrowsize=0.8];\n";
  printTitle(plan);
  os << "  image [shape=box, style=\"rounded,filled\", fillcolor=\"#EEEEEE\", "
     << "color=\"#999999\", label=<" << bold("image")
     << small(showShape(plan.input())) << ">];\n";
  for (const AreaPlan &area : plan.areas)
    if (AreaOp(area.op).isFeedForward())
      printFeedForward(area);
    else
      printRecurrent(area);
  os << edgeText;
  printReadout(plan);
  os << "}\n";
}

std::string dale::printDiagram(CircuitOp circuit) {
  std::string text;
  llvm::raw_string_ostream os(text);
  Diagram(os).print(planCircuit(circuit));
  return text;
}
