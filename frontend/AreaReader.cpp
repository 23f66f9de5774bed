//===- AreaReader.cpp - An area's table to circuit ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/AreaReader.h"
#include "frontend/Merge.h"
#include "frontend/Number.h"
#include "frontend/Suggest.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace dale;

/// Far more than any circuit has, and little enough for products of sizes.
static constexpr int64_t maxChannels = 1 << 20;
static constexpr int64_t maxPixels = 1 << 14;
static constexpr int64_t maxExponent = 8;

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
  TableReader reader(area.value, area.loc, "a feed-forward area",
                     {"channels", "kernel", "stride", "norm", "pool"},
                     reporter);
  int64_t channels = reader.integer("channels", 1, 1, maxChannels);
  int64_t kernel = reader.integer("kernel", 3, 1, maxPixels);
  int64_t stride = reader.integer("stride", 1, 1, maxPixels);
  NormSite site = NormSite::Current; // what feeds forward has no other
  NormAttr norm = readNormOf(reader, true, {"kind", "decay", "epsilon"}, site);
  auto op = AreaOp::create(builder, area.loc, area.key,
                           builder.getI64IntegerAttr(channels), kernel, stride,
                           norm, readPool(reader));
  op.getBody().emplaceBlock();
  return op;
}

AreaOp AreaReader::readRecurrent() {
  TableReader reader(area.value, area.loc, "a recurrent area",
                     {"pool", "populations", "gates", "projections"}, reporter);
  auto op = AreaOp::create(builder, area.loc, area.key, IntegerAttr(), 3, 1,
                           NormAttr(), readPool(reader));
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
  TableReader pool(entry->value, entry->loc, "a pool", {"size", "stride"},
                   reporter);
  pool.require("size");
  return PoolAttr::get(builder.getContext(),
                       pool.integer("size", 3, 1, maxPixels),
                       pool.integer("stride", 1, 1, maxPixels));
}

//===----------------------------------------------------------------------===//
// Norms
//===----------------------------------------------------------------------===//

void dale::readNorm(TableReader &reader, Defaults &norm) {
  norm.normShared = reader.boolean("shared", norm.normShared);
  norm.normDecay = reader.number("decay", norm.normDecay, Bound::Fraction);
  norm.normEpsilon =
      reader.number("epsilon", norm.normEpsilon, Bound::Positive);
}

NormAttr AreaReader::readNormOf(TableReader &reader, bool byDefault,
                                ArrayRef<StringRef> keys, NormSite &site) {
  const StringRef kinds[] = {"batch", "layer", "none"};
  constexpr int64_t none = 2;
  int64_t kind = 0;
  const Entry *entry = reader.find("norm");
  Defaults norm = defaults;
  bool present = byDefault;
  if (entry && entry->value.isFalse()) {
    present = false;
  } else if (entry && entry->value.isTable()) {
    TableReader table(entry->value, entry->loc, "a norm", keys, reporter);
    kind = table.choice("kind", kinds).value_or(0);
    present = kind != none;
    site = table.keyword<NormSite>("on").value_or(site);
    readNorm(table, norm);
  } else if (entry) {
    kind = reader.choice("norm", kinds).value_or(byDefault ? 0 : none);
    present = kind != none;
  }
  if (!present)
    return {};
  // A feed-forward area runs once: there is nothing to share.
  bool shared = norm.normShared && llvm::is_contained(keys, "shared");
  return NormAttr::get(builder.getContext(),
                       kind == 1 ? NormKind::Layer : NormKind::Batch, shared,
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
  TableReader reader(entry.value, entry.loc, "a population",
                     {"channels", "sign", "principal", "activation", "exponent",
                      "norm", "dropout", "silent", "constraint"},
                     reporter);
  reader.require("channels");
  int64_t channels = reader.integer("channels", 1, 1, maxChannels);
  std::optional<Sign> sign = reader.keyword<Sign>("sign");
  NormSite site = NormSite::Current;
  NormAttr norm = readNormOf(
      reader, false, {"kind", "on", "shared", "decay", "epsilon"}, site);
  populations.push_back(PopulationOp::create(
      builder, entry.loc, entry.key, channels,
      sign ? SignAttr::get(builder.getContext(), *sign) : SignAttr(),
      reader.boolean("principal", false),
      reader.keyword<Activation>("activation").value_or(Activation::Relu), norm,
      site, readDropout(reader), reader.integer("exponent", 2, 1, maxExponent),
      reader.boolean("silent", false)));
  constraints.push_back(reader.keyword<Constraint>("constraint"));
}

DropoutAttr AreaReader::readDropout(TableReader &reader) {
  const Entry *entry = reader.subtable("dropout");
  if (!entry)
    return {};
  TableReader table(entry->value, entry->loc, "a dropout", {"keep", "on"},
                    reporter);
  table.require("keep");
  double keep = table.number("keep", 1.0, Bound::Positive);
  if (keep > 1.0) {
    table.error(table.find("keep")->value.loc)
        << "expected a share of at most 1 for 'keep', got "
        << formatNumber(keep);
    keep = 1.0;
  }
  return DropoutAttr::get(
      builder.getContext(), builder.getF64FloatAttr(keep),
      table.keyword<NormSite>("on").value_or(NormSite::Current));
}

void AreaReader::readGate(const Entry &entry) {
  if (!checkName(entry) || !checkTable(entry, "a gate"))
    return;
  TableReader reader(
      entry.value, entry.loc, "a gate",
      {"on", "acts", "kind", "effect", "activation", "exponent", "offset"},
      reporter);
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
  double offset = reader.number("offset", 0, Bound::Any);
  int64_t exponent = reader.integer("exponent", 2, 1, maxExponent);
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
    TableReader reader(
        edge.attributes, edge.loc, "a projection",
        {"range", "sign", "constraint", "kernel", "size", "delay"}, reporter);
    bool isInput = edge.source == "input";
    Range range = reader.keyword<Range>("range").value_or(
        isInput || isFeedback ? Range::LongRange : Range::Local);
    Constraint constraint =
        reader.keyword<Constraint>("constraint")
            .value_or(constraintOf(edge.source).value_or(defaults.constraint));
    Kernel kernel = reader.keyword<Kernel>("kernel").value_or(defaults.kernel);
    int64_t size = reader.integer("size", 3, 1, maxPixels);
    IntegerAttr delay;
    if (reader.find("delay"))
      delay = builder.getI64IntegerAttr(reader.integer("delay", 0, 0, 1024));

    std::optional<Sign> sign = reader.keyword<Sign>("sign");
    auto source = llvm::find_if(populations, [&](PopulationOp population) {
      return population.getSymName() == edge.source;
    });
    if (above)
      if (const Entry *declared = above->find("sign");
          declared && !sign && declared->value.is(Node::Kind::String))
        sign = symbolizeSign(declared->value.text);
    if (!sign && !reader.find("sign")) {
      if (source != populations.end())
        sign = source->getSign();
      if (isInput || isFeedback || constraint == Constraint::Free)
        sign = sign.value_or(Sign::Excitatory);
      if (!sign && source != populations.end() &&
          !area.value.find("populations")
               ->value.find(edge.source)
               ->value.find("sign"))
        reporter.error(edge.loc)
            << "population '" << edge.source
            << "' has no sign: give it one, or this projection";
    }
    auto [first, second] = StringRef(edge.source).split('.');
    ProjectionOp::create(
        builder, edge.loc, isFeedback ? second : first,
        isFeedback ? FlatSymbolRefAttr::get(builder.getContext(), first)
                   : FlatSymbolRefAttr(),
        edge.target, range, sign.value_or(Sign::Excitatory), constraint, kernel,
        size, delay);
  }
}
