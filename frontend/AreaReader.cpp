//===- AreaReader.cpp - An area's table to circuit ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/AreaReader.h"
#include "frontend/Merge.h"
#include "frontend/Suggest.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace dale;

//===----------------------------------------------------------------------===//
// Areas
//===----------------------------------------------------------------------===//

AreaOp AreaReader::read() {
  if (!checkName(area) || !checkTable(area, "an area"))
    return {};
  // What `like` could not bring has been reported.
  if (area.value.find("like"))
    return {};
  const Entry *channels = area.value.find("channels");
  const Entry *populations = area.value.find("populations");
  if (channels && populations) {
    InFlightDiagnostic diag =
        reporter.error(channels->loc)
        << "an area has either 'channels' (feed-forward) or 'populations' "
           "(recurrent), not both";
    diag.attachNote(populations->loc) << "'populations' is here";
    return {};
  }
  if (channels)
    return readFeedForward();
  if (populations)
    return readRecurrent();
  reporter.error(area.loc) << "area '" << area.key
                           << "' needs 'channels' (feed-forward), "
                              "'populations' (recurrent) or 'like'";
  return {};
}

AreaOp AreaReader::readFeedForward() {
  TableReader reader(area.value, area.loc, TableId::FeedForward, reporter);
  int64_t channels = reader.integer("channels");
  int64_t kernel = reader.integer("kernel");
  int64_t stride = reader.integer("stride");
  NormSite site = NormSite::Current; // what feeds forward has no other
  NormAttr norm = readNormOf(reader, TableId::FeedForwardNorm, site);
  auto op = AreaOp::create(
      builder, area.loc, area.key, builder.getI64IntegerAttr(channels), kernel,
      stride, norm, reader.keywordOrDefault<Activation>("activation"),
      reader.integer("exponent"), readPool(reader));
  op.getBody().emplaceBlock();
  return op;
}

AreaOp AreaReader::readRecurrent() {
  TableReader reader(area.value, area.loc, TableId::Recurrent, reporter);
  auto op = AreaOp::create(builder, area.loc, area.key, IntegerAttr(), 3, 1,
                           NormAttr(), Activation::Relu, /*exponent=*/2,
                           readPool(reader));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&op.getBody().emplaceBlock());
  if (const Entry *table = reader.subtable("populations"))
    for (const Entry &entry : table->value.entries) {
      populationNames.push_back(entry.key);
      readPopulation(entry);
    }
  targetNames = populationNames;
  if (const Entry *table = reader.subtable("gates"))
    for (const Entry &entry : table->value.entries) {
      if (const Entry *population =
              area.value.find("populations")->value.find(entry.key)) {
        InFlightDiagnostic diag = reporter.error(entry.loc)
                                  << "gate '" << entry.key
                                  << "' has the name of a population";
        diag.attachNote(population->loc) << "the population is here";
        incomplete = true;
        continue;
      }
      targetNames.push_back(entry.key);
      readGate(entry);
    }
  if (const Entry *table = reader.subtable("projections"))
    readProjections(table->value);
  return op;
}

PoolAttr AreaReader::readPool(TableReader &reader) {
  const Entry *entry = reader.subtable("pool");
  if (!entry)
    return {};
  TableReader pool(entry->value, entry->loc, TableId::Pool, reporter);
  pool.requireAll();
  return PoolAttr::get(builder.getContext(), pool.integer("size"),
                       pool.integer("stride"));
}

//===----------------------------------------------------------------------===//
// Norms
//===----------------------------------------------------------------------===//

/// The kinds of norms are those of the dialect, then none.
static std::optional<NormKind> normKindOf(size_t choice) {
  if (choice < keywordNames<NormKind>().size())
    return static_cast<NormKind>(choice);
  return std::nullopt;
}

NormAttr AreaReader::readNormOf(TableReader &reader, TableId id,
                                NormSite &site) {
  const Entry *entry = reader.find("norm");
  Defaults norm = defaults;
  std::optional<NormKind> kind;
  // A feed-forward area runs once: there is nothing to share.
  bool overTime = id == TableId::PopulationNorm;
  norm.normShared &= overTime;
  if (entry && entry->value.isTable()) {
    TableReader table(entry->value, entry->loc, id, reporter);
    kind = normKindOf(table.choiceOrDefault("kind"));
    norm.normDecay = table.number("decay", norm.normDecay);
    norm.normEpsilon = table.number("epsilon", norm.normEpsilon);
    if (overTime) {
      site = table.keywordOrDefault<NormSite>("on");
      norm.normShared = table.boolean("shared", norm.normShared);
    }
  } else if (!entry || !entry->value.isFalse()) {
    kind = normKindOf(reader.choiceOrDefault("norm"));
  }
  if (!kind)
    return {};
  return NormAttr::get(builder.getContext(), *kind, norm.normShared,
                       builder.getF64FloatAttr(norm.normDecay),
                       builder.getF64FloatAttr(norm.normEpsilon));
}

//===----------------------------------------------------------------------===//
// Populations and gates
//===----------------------------------------------------------------------===//

/// What a population says of its projections' kernels.
std::optional<Constraint> AreaReader::constraintOf(StringRef source) const {
  for (auto [population, constraint] : llvm::zip(populations, constraints))
    if (PopulationOp(population).getSymName() == source)
      return constraint;
  return std::nullopt;
}

/// Names become parts of parameter names.
bool AreaReader::checkName(const Entry &entry) {
  StringRef name = entry.key;
  if (!name.empty() && llvm::isAlpha(name.front()) &&
      llvm::all_of(name, [](char c) {
        return llvm::isAlnum(c) || c == '_' || c == '-';
      }))
    return true;
  reporter.error(entry.loc) << "expected a name of letters, digits, _ and - "
                               "that begins with a letter, got '"
                            << name << "'";
  incomplete = true;
  return false;
}

bool AreaReader::checkTable(const Entry &entry, StringRef what) {
  if (entry.value.isTable())
    return true;
  incomplete = true;
  if (entry.value.isFalse())
    reporter.error(entry.loc)
        << "there is no '" << entry.key << "' here to take away";
  else
    reporter.error(entry.value.loc) << "expected a table for " << what
                                    << ", got " << describe(entry.value.kind);
  return false;
}

void AreaReader::readPopulation(const Entry &entry) {
  if (!checkName(entry) || !checkTable(entry, "a population"))
    return;
  TableReader reader(entry.value, entry.loc, TableId::Population, reporter);
  reader.requireAll();
  int64_t channels = reader.integer("channels");
  std::optional<Sign> sign = reader.keyword<Sign>("sign");
  NormSite site = NormSite::Current;
  NormAttr norm = readNormOf(reader, TableId::PopulationNorm, site);
  populations.push_back(PopulationOp::create(
      builder, entry.loc, entry.key, channels,
      sign ? SignAttr::get(builder.getContext(), *sign) : SignAttr(),
      reader.boolean("principal"),
      reader.keywordOrDefault<Activation>("activation"), norm, site,
      readDropout(reader), reader.integer("exponent"),
      reader.boolean("silent")));
  constraints.push_back(reader.keyword<Constraint>("constraint"));
}

DropoutAttr AreaReader::readDropout(TableReader &reader) {
  const Entry *entry = reader.subtable("dropout");
  if (!entry)
    return {};
  TableReader table(entry->value, entry->loc, TableId::Dropout, reporter);
  table.requireAll();
  return DropoutAttr::get(builder.getContext(),
                          builder.getF64FloatAttr(table.number("keep", 1.0)),
                          table.keywordOrDefault<NormSite>("on"));
}

void AreaReader::readGate(const Entry &entry) {
  if (!checkName(entry) || !checkTable(entry, "a gate"))
    return;
  TableReader reader(entry.value, entry.loc, TableId::Gate, reporter);
  bool hasOn = reader.require("on");
  std::string on = reader.string("on", "");
  bool hasKind = reader.require("kind");
  std::optional<GateKind> kind = reader.keyword<GateKind>("kind");
  // A leak can act on nothing else than the memory.
  bool hasSite = kind == GateKind::Leak || reader.require("acts");
  std::optional<GateSite> site = reader.keyword<GateSite>("acts");
  if (!reader.find("acts"))
    site = GateSite::Memory;
  std::optional<Sign> effect = reader.keyword<Sign>("effect");
  std::optional<Activation> activation =
      reader.keyword<Activation>("activation");
  double offset = reader.number("offset");
  int64_t exponent = reader.integer("exponent");
  if (hasOn && !on.empty() && !llvm::is_contained(populationNames, on)) {
    reader.error(reader.find("on")->value.loc)
        << "no population named '" << on << "'" << suggest(on, populationNames);
    on.clear();
  }
  if (on.empty() || !hasKind || !kind || !hasSite || !site) {
    incomplete = true;
    return;
  }
  MLIRContext *context = builder.getContext();
  GateOp::create(builder, entry.loc, entry.key, on, *site, *kind,
                 effect ? SignAttr::get(context, *effect) : SignAttr(),
                 activation ? ActivationAttr::get(context, *activation)
                            : ActivationAttr(),
                 llvm::APFloat(offset), exponent);
}

//===----------------------------------------------------------------------===//
// Projections
//===----------------------------------------------------------------------===//

const Node *AreaReader::findFeedbackSource(const Edge &edge) {
  auto [areaName, name] = StringRef(edge.source).split('.');
  SmallVector<StringRef> areas;
  for (const Entry &entry : circuit.entries)
    if (isAreaKey(entry.key) && entry.value.find("populations"))
      areas.push_back(entry.key);
  const Entry *above = circuit.find(areaName);
  if (!llvm::is_contained(areas, areaName)) {
    reporter.error(edge.sourceLoc)
        << "no recurrent area named '" << areaName << "' to project from"
        << suggest(areaName, areas);
    return nullptr;
  }
  SmallVector<StringRef> names;
  const Node &populations = above->value.find("populations")->value;
  for (const Entry &entry : populations.entries)
    names.push_back(entry.key);
  const Entry *population = populations.find(name);
  if (population)
    return &population->value;
  reporter.error(edge.sourceLoc)
      << "no population named '" << name << "' in " << areaName
      << " to project from" << suggest(name, names);
  return nullptr;
}

std::optional<Sign> AreaReader::signOf(const Edge &edge, TableReader &reader,
                                       const Node *above,
                                       Constraint constraint) {
  std::optional<Sign> sign = reader.keyword<Sign>("sign");
  if (above)
    if (const Entry *declared = above->find("sign");
        declared && !sign && declared->value.is(Node::Kind::String))
      sign = symbolizeSign(declared->value.text);
  if (sign || reader.find("sign"))
    return sign;
  auto source = llvm::find_if(populations, [&](PopulationOp population) {
    return population.getSymName() == edge.source;
  });
  if (source != populations.end())
    sign = source->getSign();
  if (edge.source == "input" || above || constraint == Constraint::Free)
    sign = sign.value_or(Sign::Excitatory);
  if (!sign && source != populations.end() &&
      !area.value.find("populations")
           ->value.find(edge.source)
           ->value.find("sign"))
    reporter.error(edge.loc)
        << "population '" << edge.source
        << "' has no sign: give it one, or this projection";
  return sign;
}

void AreaReader::readProjections(const Node &projections) {
  unsigned before = reporter.getCount();
  std::vector<Edge> edges = resolveProjections(projections, reporter);
  incomplete |= reporter.getCount() > before;

  SmallVector<StringRef> sourceNames = {"input"};
  sourceNames.append(populationNames);
  // The name of a gate as a source has an error of its own, in the verifier.
  auto isKnownSource = [&](StringRef name) {
    return llvm::is_contained(sourceNames, name) ||
           llvm::is_contained(targetNames, name);
  };
  for (const Edge &edge : edges) {
    // The area of feedback's source stands before a point.
    bool isFeedback = StringRef(edge.source).contains('.');
    const Node *above = isFeedback ? findFeedbackSource(edge) : nullptr;
    if (isFeedback) {
      incomplete |= !above;
    } else if (!isKnownSource(edge.source)) {
      reporter.error(edge.sourceLoc)
          << "no population named '" << edge.source << "' to project from"
          << suggest(edge.source, sourceNames);
      incomplete = true;
    }
    if (!llvm::is_contained(targetNames, edge.target)) {
      reporter.error(edge.targetLoc)
          << "no population or gate named '" << edge.target << "' to project to"
          << suggest(edge.target, targetNames);
      incomplete = true;
    }
    TableReader reader(edge.attributes, edge.loc, TableId::Projection,
                       reporter);
    bool isInput = edge.source == "input";
    Range range = reader.keyword<Range>("range").value_or(
        isInput || isFeedback ? Range::LongRange : Range::Local);
    Constraint constraint =
        reader.keyword<Constraint>("constraint")
            .value_or(constraintOf(edge.source).value_or(defaults.constraint));
    Kernel kernel = reader.keyword<Kernel>("kernel").value_or(defaults.kernel);
    int64_t size = reader.integer("size");
    IntegerAttr delay;
    if (reader.find("delay"))
      delay = builder.getI64IntegerAttr(reader.integer("delay"));

    std::optional<Sign> sign = signOf(edge, reader, above, constraint);
    auto [first, second] = StringRef(edge.source).split('.');
    ProjectionOp::create(
        builder, edge.loc, isFeedback ? second : first,
        isFeedback ? FlatSymbolRefAttr::get(builder.getContext(), first)
                   : FlatSymbolRefAttr(),
        edge.target, range, sign.value_or(Sign::Excitatory), constraint, kernel,
        size, delay);
  }
}
