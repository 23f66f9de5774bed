//===- Merge.cpp - A circuit file over another -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Merge.h"
#include "frontend/Number.h"
#include "frontend/Suggest.h"
#include "frontend/Vocabulary.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include <cmath>

using namespace mlir;
using namespace dale;

bool dale::isAreaKey(StringRef key) {
  return key != "base" && !llvm::is_contained(sectionNames(), key);
}

//===----------------------------------------------------------------------===//
// Merging
//===----------------------------------------------------------------------===//

/// Whether `false` takes an entry away, for a table at this path.
static bool holdsRemovable(ArrayRef<StringRef> path) {
  return path.empty() || (path.size() == 2 && isAreaKey(path[0]) &&
                          (path[1] == "populations" || path[1] == "gates"));
}

static bool holdsProjections(ArrayRef<StringRef> path) {
  return path.size() == 2 && isAreaKey(path[0]) && path[1] == "projections";
}

static void appendLayer(Node &base, Node overlay) {
  unsigned next = 0;
  for (const Entry &entry : base.entries)
    next = std::max(next, entry.layer + 1);
  for (Entry &entry : overlay.entries) {
    entry.layer += next;
    base.entries.push_back(std::move(entry));
  }
}

static void merge(Node &base, Node overlay, SmallVectorImpl<StringRef> &path) {
  if (holdsProjections(path))
    return appendLayer(base, std::move(overlay));
  for (Entry &entry : overlay.entries) {
    Entry *existing = base.find(entry.key);
    if (!existing) {
      base.entries.push_back(std::move(entry));
      continue;
    }
    if (entry.value.isFalse() && holdsRemovable(path)) {
      base.entries.erase(base.entries.begin() +
                         (existing - base.entries.data()));
      continue;
    }
    if (existing->value.isTable() && entry.value.isTable()) {
      path.push_back(entry.key);
      merge(existing->value, std::move(entry.value), path);
      path.pop_back();
      continue;
    }
    *existing = std::move(entry);
  }
}

void dale::mergeCircuits(Node &base, Node overlay) {
  SmallVector<StringRef> path;
  merge(base, std::move(overlay), path);
}

void dale::mergeTables(Node &base, Node overlay) {
  SmallVector<StringRef> path = {"circuit"};
  merge(base, std::move(overlay), path);
}

//===----------------------------------------------------------------------===//
// like and scale
//===----------------------------------------------------------------------===//

namespace {

class LikeExpander {
public:
  LikeExpander(Node &circuit, Reporter &reporter)
      : circuit(circuit), reporter(reporter) {}

  void expandAll() {
    for (Entry &entry : circuit.entries)
      if (isAreaKey(entry.key))
        expand(entry);
  }

private:
  void expand(Entry &area);
  Entry *findSource(const Entry &area, const Node &like);
  void scaleChannels(Node &table, const Node &scale);
  void scaleArea(Node &area, const Node &scale);

  Node &circuit;
  Reporter &reporter;
  llvm::StringSet<> done;
  SmallVector<StringRef> open;
};

} // namespace

static bool isLikeOrScale(const Entry &entry) {
  return entry.key == "like" || entry.key == "scale";
}

/// The area that `like` names, expanded; null after an error.
Entry *LikeExpander::findSource(const Entry &area, const Node &like) {
  if (!like.is(Node::Kind::String)) {
    reporter.error(like.loc) << "expected the name of an area for 'like', got "
                             << describe(like.kind);
    return nullptr;
  }
  if (llvm::is_contained(open, like.text)) {
    reporter.error(like.loc)
        << "'like' goes in a circle: " << llvm::join(open, " -> ") << " -> "
        << like.text;
    return nullptr;
  }
  SmallVector<StringRef> names;
  for (const Entry &entry : circuit.entries)
    if (isAreaKey(entry.key) && entry.key != area.key)
      names.push_back(entry.key);
  if (!llvm::is_contained(names, like.text)) {
    reporter.error(like.loc)
        << "no area named '" << like.text << "'" << suggest(like.text, names);
    return nullptr;
  }
  Entry *source = circuit.find(like.text);
  expand(*source);
  // Where the source could not be expanded, that has been reported.
  return source->value.isTable() && !source->value.find("like") ? source
                                                                : nullptr;
}

/// On an error `like` stays, for the reader to see that the area is incomplete.
void LikeExpander::expand(Entry &area) {
  if (!area.value.isTable() || !done.insert(area.key).second)
    return;
  const Entry *like = area.value.find("like");
  const Entry *scale = area.value.find("scale");
  if (!like) {
    if (scale)
      reporter.error(scale->loc)
          << "'scale' needs 'like': it multiplies the channels of the area "
             "that 'like' names";
    llvm::erase_if(area.value.entries, isLikeOrScale);
    return;
  }
  open.push_back(area.key);
  Entry *source = findSource(area, like->value);
  open.pop_back();
  if (!source)
    return;

  Node result = source->value;
  result.loc = area.value.loc;
  if (scale)
    scaleArea(result, scale->value);
  llvm::erase_if(area.value.entries, isLikeOrScale);
  // As a circuit with one area, so that the paths are right.
  Node base(Node::Kind::Table, result.loc), overlay = base;
  base.entries.push_back({area.key, area.loc, std::move(result)});
  overlay.entries.push_back({area.key, area.loc, std::move(area.value)});
  mergeCircuits(base, std::move(overlay));
  area.value = std::move(base.entries.front().value);
}

void LikeExpander::scaleArea(Node &area, const Node &scale) {
  bool isNumber = scale.is(Node::Kind::Integer) || scale.is(Node::Kind::Float);
  if (!isNumber || !(scale.number > 0) || !std::isfinite(scale.number)) {
    InFlightDiagnostic diag = reporter.error(scale.loc)
                              << "expected a positive number for 'scale', got ";
    if (isNumber)
      diag << formatNumber(scale.number);
    else
      diag << describe(scale.kind);
    return;
  }
  scaleChannels(area, scale);
  if (Entry *populations = area.find("populations"))
    for (Entry &population : populations->value.entries)
      scaleChannels(population.value, scale);
}

void LikeExpander::scaleChannels(Node &table, const Node &scale) {
  Entry *channels = table.find("channels");
  if (!channels || !channels->value.is(Node::Kind::Integer) ||
      channels->value.integer < 1)
    return;
  double scaled = channels->value.integer * scale.number;
  if (scaled != std::floor(scaled) || scaled > 1e9) {
    reporter.error(scale.loc)
        << "'scale' makes " << channels->value.integer << " channels "
        << (scaled > 1e9 ? "too many" : "no whole number of channels");
    return;
  }
  channels->value.integer = static_cast<int64_t>(scaled);
}

void dale::expandLike(Node &circuit, Reporter &reporter) {
  LikeExpander(circuit, reporter).expandAll();
}
