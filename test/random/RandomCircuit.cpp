//===- RandomCircuit.cpp - Circuit files from seeds -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomCircuit.h"
#include "Vocabulary.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <vector>

using namespace dale::test;

namespace {

//===----------------------------------------------------------------------===//
// What is written
//===----------------------------------------------------------------------===//

/// The keys and values of an inline table, as text.
class Table {
public:
  template <typename T>
  void set(const char *key, const T &value) {
    text << (empty ? "" : ", ") << key << " = " << value;
    empty = false;
  }
  void say(const char *key, const std::string &word) {
    set(key, '"' + word + '"');
  }
  std::string str() const { return empty ? "{}" : "{ " + text.str() + " }"; }

private:
  std::ostringstream text;
  bool empty = true;
};

const char *const signs[] = {"excitatory", "inhibitory"};
const char *const constraints[] = {"abs", "rectify", "free"};
const char *const kernels[] = {"separable", "regular"};

struct Population {
  std::string name;
  bool principal = false;
  /// What its local projections do, for those that Dale's law holds for.
  std::string sign;
  /// Whether the file says the sign, and whether as another one, so that each
  /// projection says its own.
  bool saysSign = true, flipped = false;
  bool hasMemory = false;
};

struct Gate {
  std::string name, on, site, kind;
};

struct Projection {
  std::string source, target, attributes;
  std::string sign;
};

struct Area {
  std::string name;
  /// Whether it has no projections of its own in the file.
  bool isCopy = false;
  /// The sign that its principal populations declare, or none.
  std::string principalSign;
  /// The sign of what reads the area below, where Dale's law holds for it.
  std::string inputSign;
  std::vector<Projection> projections;
  std::vector<Population> populations;
};

//===----------------------------------------------------------------------===//
// The generator
//===----------------------------------------------------------------------===//

class Generator {
public:
  Generator(uint64_t seed, Draw &draw) : draw(draw), seed(seed) {}

  std::string write();
  size_t size() const;

private:
  std::string drawSettings();
  int64_t drawSteps();
  void writeFeedForward(const std::string &name);
  void writeRecurrent(const std::string &name, const Area *below);
  void writeLike(const std::string &name, const Area &model);
  void writeReadoutAndTraining();

  void drawPopulations(Area &area);
  void drawGates(Area &area);
  void drawProjections(Area &area);
  void addProjection(Area &area, const std::string &source,
                     const std::string &target);
  void writePopulations(const Area &area);
  void writeGates(const Area &area);
  void writeProjections(const Area &area);

  std::string drawPool();
  std::string drawNorm(const Population *population);
  void drawActivation(Table &table);
  bool reaches(const std::string &from, const std::string &to) const;

  Draw &draw;
  uint64_t seed;
  std::ostringstream out;
  std::string constraint = "abs";
  std::vector<Area> areas;

  // Of the area that is being written.
  std::vector<Gate> gates;
  /// What waits for whom within a time step.
  std::multimap<std::string, std::string> follows;
};

} // namespace

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

std::string Generator::write() {
  std::string settings = drawSettings();
  int64_t feedForward = draw.integer(0, 2);
  // Most circuits have one recurrent area: they compile the fastest.
  int64_t recurrent = draw.chance(0.85) ? 1 : draw.chance(0.8) ? 2 : 3;
  int64_t number = 0;
  auto next = [&] { return "area" + std::to_string(++number); };
  for (int64_t i = 0; i < feedForward; ++i)
    writeFeedForward(next());
  for (int64_t i = 0; i < recurrent; ++i) {
    const Area *below = areas.empty() ? nullptr : &areas.back();
    // A copy reads the area below as its model does.
    if (below && draw.chance(0.5) &&
        (below->principalSign.empty() ||
         below->principalSign == below->inputSign))
      writeLike(next(), *below);
    else
      writeRecurrent(next(), below);
  }
  writeReadoutAndTraining();
  return "[circuit]\nname = \"Random " + std::to_string(seed) +
         "\"\nsteps = " + std::to_string(drawSteps()) + "\n" + settings +
         out.str();
}

/// What a time step of the recurrent areas takes to compile, roughly.
size_t Generator::size() const {
  size_t size = 0;
  for (const Area &area : areas)
    size += 2 * area.projections.size() + 3 * area.populations.size();
  return size;
}

/// The larger a circuit, the fewer steps: compile time grows with both.
int64_t Generator::drawSteps() {
  int64_t most = std::clamp<int64_t>(60 / size(), 2, 5);
  return draw.chance(0.1) ? 1 : draw.integer(2, most);
}

std::string Generator::drawSettings() {
  std::ostringstream out;
  out << "input = { height = " << draw.integer(4, 9)
      << ", width = " << draw.integer(4, 9)
      << ", channels = " << draw.integer(1, 3) << " }\n";
  if (draw.chance(0.4)) {
    constraint = draw.oneOf(constraints);
    out << "constraint = \"" << constraint << "\"\n";
  }
  if (draw.chance(0.4))
    out << "kernel = \"" << draw.oneOf(kernels) << "\"\n";
  Table norm;
  if (draw.chance(0.3))
    norm.set("decay", "0.9");
  // Small variances make a loss that no difference of two points describes.
  if (draw.chance(0.7))
    norm.set("epsilon", draw.chance(0.5) ? "1e-2" : "1e-3");
  if (draw.chance(0.3))
    norm.set("shared", draw.chance(0.5) ? "true" : "false");
  out << "norm = " << norm.str() << "\n";
  return out.str();
}

void Generator::writeReadoutAndTraining() {
  out << "\n[readout]\nclasses = " << draw.integer(2, 5) << "\n";
  if (draw.chance(0.6))
    out << "time = \"" << (draw.chance(0.6) ? "sum" : "last") << "\"\n";
  out << "\n[training]\nbatch = 4\n";
  if (draw.chance(0.5))
    out << "l2 = " << (draw.chance(0.5) ? "1e-3" : "0.25") << "\n";
  if (draw.chance(0.3))
    out << "l2_norms = false\n";
  if (draw.chance(0.3))
    out << "momentum = 0.5\n";
}

std::string Generator::drawPool() {
  if (draw.chance(0.5))
    return "";
  Table pool;
  pool.set("size", draw.integer(1, 3));
  if (draw.chance(0.7))
    pool.set("stride", draw.integer(1, 2));
  return "pool = " + pool.str() + "\n";
}

void Generator::writeFeedForward(const std::string &name) {
  out << "\n[" << name << "]\nchannels = " << draw.integer(1, 4) << "\n";
  if (draw.chance(0.6))
    out << "kernel = " << draw.oneOf(kernelSizes) << "\n";
  if (draw.chance(0.4))
    out << "stride = " << draw.integer(1, 2) << "\n";
  if (draw.chance(0.5))
    out << "norm = " << drawNorm(nullptr) << "\n";
  out << drawPool();
}

//===----------------------------------------------------------------------===//
// Populations
//===----------------------------------------------------------------------===//

/// Of a population, or of a feed-forward area where there is none.
std::string Generator::drawNorm(const Population *population) {
  if (draw.chance(0.2))
    return draw.chance(0.5) ? "\"batch\"" : "\"none\"";
  Table norm;
  if (draw.chance(0.5))
    norm.say("kind", draw.oneOf(normKinds));
  if (population && population->hasMemory && draw.chance(0.5))
    norm.say("on", "memory");
  else if (population && draw.chance(0.3))
    norm.say("on", "current");
  if (population && draw.chance(0.4))
    norm.set("shared", draw.chance(0.5) ? "true" : "false");
  if (draw.chance(0.3))
    norm.set("decay", "0.75");
  if (draw.chance(0.3))
    norm.set("epsilon", "0.1");
  return norm.str();
}

void Generator::drawActivation(Table &table) {
  const Activation &activation = draw.oneOf(activations);
  table.say("activation", activation.name);
  if (activation.takesExponent && draw.chance(0.7))
    table.set("exponent", draw.chance(0.5) ? "3" : "2");
}

void Generator::drawPopulations(Area &area) {
  area.principalSign = draw.chance(0.1) ? "" : signs[draw.chance(0.15) ? 1 : 0];
  int64_t principals = severalPrincipals && draw.chance(0.3) ? 2 : 1;
  int64_t interneurons =
      draw.chance(0.2) ? draw.integer(3, 4) : draw.integer(0, 2);
  for (int64_t i = 0; i < principals + interneurons; ++i) {
    Population population;
    population.principal = i < principals;
    population.name = (population.principal ? "P" : "I-") + std::to_string(i);
    population.sign = signs[draw.chance(population.principal ? 0.1 : 0.75)];
    if (population.principal) {
      population.saysSign = !area.principalSign.empty();
      population.flipped =
          population.saysSign && population.sign != area.principalSign;
    } else {
      population.saysSign = draw.chance(0.85);
      population.flipped = population.saysSign && draw.chance(0.1);
    }
    area.populations.push_back(population);
  }
}

void Generator::writePopulations(const Area &area) {
  out << "\n[" << area.name << ".populations]\n";
  for (const Population &population : area.populations) {
    Table table;
    table.set("channels", draw.integer(1, 4));
    if (population.saysSign)
      table.say("sign",
                signs[(population.sign == signs[1]) ^ population.flipped]);
    if (population.principal)
      table.set("principal", "true");
    else if (draw.chance(0.1))
      table.set("principal", "false");
    if (draw.chance(0.4))
      drawActivation(table);
    if (draw.chance(population.principal ? 0.6 : 0.2))
      table.set("norm", drawNorm(&population));
    if (populationConstraints && draw.chance(0.15))
      table.say("constraint", draw.oneOf(constraints));
    if (silence && !population.principal && draw.chance(0.05))
      table.set("silent", "true");
    if (dropout && draw.chance(0.15)) {
      Table drop;
      drop.set("keep", "0.75");
      if (population.hasMemory && draw.chance(0.5))
        drop.say("on", "memory");
      table.set("dropout", drop.str());
    }
    out << population.name << " = " << table.str() << "\n";
  }
}

//===----------------------------------------------------------------------===//
// Gates
//===----------------------------------------------------------------------===//

void Generator::drawGates(Area &area) {
  gates.clear();
  follows.clear();
  auto add = [&](Population &population, const std::string &site,
                 double probability) {
    if (!draw.chance(probability))
      return;
    const char *other = site == "memory" ? "leak" : "subtract";
    std::string kind = draw.chance(0.55) ? "multiply" : other;
    std::string name = site.substr(0, 1) + "_" + population.name;
    gates.push_back({name, population.name, site, kind});
    follows.emplace(name, population.name);
    population.hasMemory |= site == "memory";
  };
  for (Population &population : area.populations) {
    bool principal = population.principal;
    add(population, "memory", principal ? 0.8 : 0.25);
    add(population, "input", principal ? 0.4 : 0.12);
    add(population, "output", principal ? 0.4 : 0.12);
  }
}

void Generator::writeGates(const Area &area) {
  if (gates.empty())
    return;
  out << "\n[" << area.name << ".gates]\n";
  for (const Gate &gate : gates) {
    Table table;
    table.say("on", gate.on);
    if (gate.kind != "leak" || draw.chance(0.3))
      table.say("acts", gate.site);
    table.say("kind", gate.kind);
    if (draw.chance(0.5))
      table.set("offset", draw.chance(0.5) ? "1" : "-0.5");
    if (gate.kind != "leak") {
      // Where its drivers differ, what it does would be unclear.
      std::vector<std::string> local, any;
      for (const Projection &projection : area.projections)
        if (projection.target == gate.name) {
          any.push_back(projection.sign);
          if (projection.source != "input")
            local.push_back(projection.sign);
        }
      const auto &drivers = local.empty() ? any : local;
      bool differ = std::any_of(
          drivers.begin(), drivers.end(),
          [&](const std::string &sign) { return sign != drivers.front(); });
      if ((differ && gate.site != "memory") || draw.chance(0.2))
        table.say("effect", draw.oneOf(signs));
      if (draw.chance(0.3))
        drawActivation(table);
    }
    out << gate.name << " = " << table.str() << "\n";
  }
}

//===----------------------------------------------------------------------===//
// Projections
//===----------------------------------------------------------------------===//

bool Generator::reaches(const std::string &from, const std::string &to) const {
  if (from == to)
    return true;
  auto [begin, end] = follows.equal_range(from);
  return std::any_of(
      begin, end, [&](const auto &edge) { return reaches(edge.second, to); });
}

void Generator::addProjection(Area &area, const std::string &source,
                              const std::string &target) {
  Table table;
  bool isInput = source == "input";
  const Population *population = nullptr;
  for (const Population &candidate : area.populations)
    if (candidate.name == source)
      population = &candidate;
  if (draw.chance(0.3))
    table.say("range", isInput ? "long-range" : "local");

  std::string own = constraint;
  if (draw.chance(0.2)) {
    own = draw.oneOf(constraints);
    table.say("constraint", own);
  }
  std::string lawful = isInput ? area.inputSign : population->sign;
  std::string byDefault = "excitatory";
  if (population && population->saysSign)
    byDefault = signs[(population->sign == signs[1]) ^ population->flipped];
  bool needsSign = population && !population->saysSign && own != "free";
  std::string sign = lawful;
  if (own == "free")
    sign = draw.chance(0.5) ? byDefault : draw.oneOf(signs);
  if (needsSign || sign != byDefault || draw.chance(0.15))
    table.say("sign", sign);

  if (draw.chance(0.3))
    table.say("kernel", draw.oneOf(kernels));
  if (draw.chance(0.5))
    table.set("size", draw.oneOf(kernelSizes));

  int64_t delay = population && population->hasMemory;
  bool saysDelay = draw.chance(0.25);
  if (saysDelay)
    delay = draw.integer(0, 2);
  if (delay == 0 && population && reaches(target, source)) {
    delay = draw.integer(1, 2);
    saysDelay = true;
  }
  if (delay == 0)
    follows.emplace(source, target);
  if (saysDelay)
    table.set("delay", delay);
  area.projections.push_back({source, target, table.str(), sign});
}

void Generator::drawProjections(Area &area) {
  auto connect = [&](const std::string &target, double input, double local) {
    std::vector<std::string> sources;
    if (draw.chance(input))
      sources.push_back("input");
    for (const Population &population : area.populations)
      if (draw.chance(local))
        sources.push_back(population.name);
    if (sources.empty())
      sources.push_back(draw.chance(0.5) ? "input"
                                         : draw.oneOf(area.populations).name);
    for (const std::string &source : sources)
      addProjection(area, source, target);
  };
  for (const Population &population : area.populations)
    connect(population.name, population.principal ? 0.9 : 0.4,
            population.principal ? 0.5 : 0.25);
  for (const Gate &gate : gates)
    if (gate.kind != "leak")
      connect(gate.name, 0.2, 0.2);
}

void Generator::writeProjections(const Area &area) {
  out << "\n[" << area.name << ".projections]\n";
  std::vector<Projection> left = area.projections;
  while (!left.empty()) {
    Projection first = left.front();
    left.erase(left.begin());
    std::string targets = first.target;
    // Some keys name several targets.
    for (auto it = left.begin(); it != left.end();)
      if (it->source == first.source && it->attributes == first.attributes &&
          draw.chance(0.7)) {
        targets += ", " + it->target;
        it = left.erase(it);
      } else {
        ++it;
      }
    out << '"' << first.source << " -> " << targets
        << "\" = " << first.attributes << "\n";
  }
}

//===----------------------------------------------------------------------===//
// Recurrent areas
//===----------------------------------------------------------------------===//

void Generator::writeRecurrent(const std::string &name, const Area *below) {
  Area area;
  area.name = name;
  area.inputSign = below && !below->principalSign.empty()
                       ? below->principalSign
                       : signs[draw.chance(0.1)];
  drawPopulations(area);
  drawGates(area);
  drawProjections(area);
  // What it sends down, at the end of the projections of the area below.
  if (feedback && below && !below->isCopy && !area.principalSign.empty() &&
      draw.chance(0.5))
    out << '"' << name << ".P0 -> " << below->populations.front().name
        << "\" = { range = \"long-range\" }\n";
  out << "\n[" << name << "]\n" << drawPool();
  writePopulations(area);
  writeGates(area);
  writeProjections(area);
  areas.push_back(std::move(area));
}

void Generator::writeLike(const std::string &name, const Area &model) {
  Area area = model;
  area.name = name;
  area.isCopy = true;
  out << "\n[" << name << "]\nlike = \"" << model.name << "\"\n";
  if (draw.chance(0.6))
    out << "scale = " << draw.oneOf(scales) << "\n";
  out << (draw.chance(0.3) ? "pool = false\n" : drawPool());
  if (draw.chance(0.3))
    out << "populations." << model.populations.front().name
        << ".channels = " << draw.integer(1, 4) << "\n";
  if (draw.chance(0.3)) {
    const Projection &projection = draw.oneOf(model.projections);
    out << "projections.\"" << projection.source << " -> " << projection.target
        << "\".size = " << draw.oneOf(kernelSizes) << "\n";
  }
  areas.push_back(std::move(area));
}

std::string dale::test::randomCircuit(uint64_t seed) {
  // Larger circuits take most of the time, and have nothing new in them.
  constexpr size_t largest = 45;
  Draw draw(seed);
  while (true) {
    Generator generator(seed, draw);
    std::string text = generator.write();
    if (generator.size() <= largest)
      return text;
  }
}
