//===- Projections.cpp - An area's projections, edge by edge -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Projections.h"
#include "frontend/Merge.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace dale;

namespace {

/// A source or a target of a key.
struct Name {
  StringRef text;
  Location loc;
};

class Resolver {
public:
  explicit Resolver(Reporter &reporter) : reporter(reporter) {}

  void apply(const Entry &entry);

  std::vector<Edge> edges;

private:
  std::optional<SmallVector<Name>> parseNames(StringRef list, StringRef key,
                                              Location loc);
  void applyToEdge(const Entry &entry, const Name &source, const Name &target);
  void applyToAll(const Entry &entry, const Name &source, const Name &target);
  void refine(size_t index, const Entry &entry);

  Reporter &reporter;
};

} // namespace

/// The location of a part of a key: such keys are quoted.
static Location locateIn(Location key, size_t offset) {
  auto loc = llvm::cast<FileLineColLoc>(key);
  return FileLineColLoc::get(loc.getFilename(), loc.getLine(),
                             loc.getColumn() + 1 +
                                 static_cast<unsigned>(offset));
}

std::optional<SmallVector<Name>>
Resolver::parseNames(StringRef list, StringRef key, Location loc) {
  SmallVector<StringRef> parts;
  list.split(parts, ',');
  SmallVector<Name> names;
  for (StringRef part : parts) {
    StringRef name = part.trim();
    Location at = locateIn(loc, name.data() - key.data());
    if (name.empty()) {
      reporter.error(at) << "expected a name in projection '" << key
                         << "', written as \"A, B -> C, D\"";
      return std::nullopt;
    }
    names.push_back({name, at});
  }
  return names;
}

void Resolver::apply(const Entry &entry) {
  StringRef key = entry.key;
  auto [sources, targets] = key.split("->");
  if (targets.data() == nullptr || !key.contains("->")) {
    reporter.error(entry.loc) << "expected a projection \"source -> target\", "
                                 "got '"
                              << key << "'";
    return;
  }
  if (!entry.value.isTable() && !entry.value.isFalse()) {
    reporter.error(entry.value.loc)
        << "expected a table for projection '" << key << "', or false to take "
        << "it away, got " << describe(entry.value.kind);
    return;
  }
  auto from = parseNames(sources, key, entry.loc);
  auto to = parseNames(targets, key, entry.loc);
  if (!from || !to)
    return;
  for (const Name &source : *from)
    for (const Name &target : *to)
      if (source.text == "*" || target.text == "*")
        applyToAll(entry, source, target);
      else
        applyToEdge(entry, source, target);
}

void Resolver::refine(size_t index, const Entry &entry) {
  Edge &edge = edges[index];
  if (entry.value.isFalse()) {
    edges.erase(edges.begin() + index);
    return;
  }
  mergeTables(edge.attributes, entry.value);
  edge.loc = entry.loc;
}

void Resolver::applyToAll(const Entry &entry, const Name &source,
                          const Name &target) {
  bool any = false;
  for (size_t index = edges.size(); index-- > 0;) {
    const Edge &edge = edges[index];
    if (edge.layer >= entry.layer ||
        (source.text != "*" && source.text != edge.source) ||
        (target.text != "*" && target.text != edge.target))
      continue;
    any = true;
    refine(index, entry);
  }
  if (!any)
    reporter.error(entry.loc)
        << "'*' stands for projections of the base, or of the area that 'like' "
           "names, and none matches '"
        << source.text << " -> " << target.text << "'";
}

void Resolver::applyToEdge(const Entry &entry, const Name &source,
                           const Name &target) {
  auto it = llvm::find_if(edges, [&](const Edge &edge) {
    return edge.source == source.text && edge.target == target.text;
  });
  if (it == edges.end()) {
    if (entry.value.isFalse() || entry.mustExist)
      reporter.error(entry.loc)
          << "no projection '" << source.text << " -> " << target.text
          << "' to " << (entry.mustExist ? "set" : "take away");
    else
      edges.push_back({source.text.str(), target.text.str(), source.loc,
                       target.loc, entry.value, entry.loc, entry.layer});
    return;
  }
  if (it->layer == entry.layer) {
    InFlightDiagnostic diag = reporter.error(target.loc)
                              << source.text << " already projects to "
                              << target.text;
    diag.attachNote(it->targetLoc) << "the first projection is here";
    return;
  }
  it->layer = entry.layer;
  it->sourceLoc = source.loc;
  it->targetLoc = target.loc;
  refine(it - edges.begin(), entry);
}

std::vector<Edge> dale::resolveProjections(const Node &projections,
                                           Reporter &reporter) {
  Resolver resolver(reporter);
  for (const Entry &entry : projections.entries)
    resolver.apply(entry);
  return std::move(resolver.edges);
}
