//===- Override.cpp - --set PATH=VALUE -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Override.h"
#include "frontend/Merge.h"
#include "frontend/Suggest.h"
#include "frontend/Toml.h"
#include "frontend/TomlText.h"
#include "frontend/Vocabulary.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace dale;

namespace {

struct Key {
  std::string name;
  Location loc;
};

/// Parses and applies one override.
class Override {
public:
  Override(Node &circuit, StringRef text, Reporter &reporter)
      : circuit(circuit), text(text), reporter(reporter),
        file(StringAttr::get(circuit.loc.getContext(),
                             overridePrefix.str() + text.str())) {}

  void apply();

private:
  bool parsePath();
  bool parseKey(StringRef &rest);
  std::optional<Node> parseValue(StringRef value);
  bool checkPath();
  bool checkNamed(StringRef kind, StringRef area, const Key &key);

  Location at(size_t offset) {
    return FileLineColLoc::get(file, 1, static_cast<unsigned>(offset) + 1);
  }
  size_t offsetOf(StringRef rest) { return rest.data() - text.data(); }

  Node &circuit;
  StringRef text;
  Reporter &reporter;
  StringAttr file;
  std::vector<Key> path;
  StringRef value;
};

} // namespace

/// One key: bare, or quoted as in TOML.
bool Override::parseKey(StringRef &rest) {
  rest = rest.ltrim();
  Location loc = at(offsetOf(rest));
  if (rest.starts_with("\"") || rest.starts_with("'")) {
    size_t end = rest.find(rest.front(), 1);
    if (end == StringRef::npos) {
      reporter.error(loc) << "this quote is not closed";
      return false;
    }
    path.push_back({rest.slice(1, end).str(), loc});
    rest = rest.drop_front(end + 1).ltrim();
    return true;
  }
  StringRef name = rest.take_while(isBareInToml);
  if (name.empty()) {
    reporter.error(loc) << "expected PATH=VALUE, as in "
                           "'circuit.steps=2'; a key with other characters "
                           "than letters, digits, _ and - is quoted";
    return false;
  }
  path.push_back({name.str(), loc});
  rest = rest.drop_front(name.size()).ltrim();
  return true;
}

bool Override::parsePath() {
  StringRef rest = text;
  do {
    if (!parseKey(rest))
      return false;
  } while (rest.consume_front("."));
  if (!rest.consume_front("=")) {
    reporter.error(at(offsetOf(rest))) << "expected '=' and a value after the "
                                          "path";
    return false;
  }
  value = rest.trim();
  if (value.empty()) {
    reporter.error(at(offsetOf(rest))) << "expected a value after '='";
    return false;
  }
  return true;
}

std::optional<Node> Override::parseValue(StringRef value) {
  const StringRef prefix = "value = ";
  size_t offset = offsetOf(value);
  Locate locate = [&](unsigned, unsigned column) {
    size_t inValue = column > prefix.size() ? column - 1 - prefix.size() : 0;
    return at(offset + inValue);
  };
  std::string document = (prefix + value).str();
  std::optional<Node> table = parseToml(document, locate, nullptr);
  if (table && table->entries.size() == 1)
    return std::move(table->entries.front().value);
  if (table) {
    reporter.error(at(offset)) << "expected one value";
    return std::nullopt;
  }
  if (llvm::isAlpha(value.front()) && llvm::all_of(value, [](char c) {
        return isBareInToml(c) || c == '.' || c == '/';
      })) {
    Node word(Node::Kind::String, at(offset));
    word.text = value.str();
    return word;
  }
  parseToml(document, locate, &reporter);
  return std::nullopt;
}

/// A population or gate that an override reaches into is there, possibly by
/// way of `like`.
bool Override::checkNamed(StringRef kind, StringRef area, const Key &key) {
  SmallVector<StringRef> names;
  SmallVector<StringRef> visited;
  while (!area.empty() && !llvm::is_contained(visited, area)) {
    visited.push_back(area);
    const Entry *entry = circuit.find(area);
    if (!entry)
      break;
    if (const Entry *table = entry->value.find(kind))
      for (const Entry &named : table->value.entries)
        names.push_back(named.key);
    const Entry *like = entry->value.find("like");
    area = like ? StringRef(like->value.text) : StringRef();
  }
  if (llvm::is_contained(names, key.name))
    return true;
  reporter.error(key.loc) << "no " << kind.drop_back() << " named '" << key.name
                          << "'" << suggest(key.name, names);
  return false;
}

bool Override::checkPath() {
  const Key &first = path.front();
  if (first.name == "base") {
    reporter.error(first.loc) << "'base' is the file's own and cannot be set";
    return false;
  }
  if (isAreaKey(first.name) && !circuit.find(first.name)) {
    SmallVector<StringRef> names(sectionNames());
    for (const Entry &entry : circuit.entries)
      if (isAreaKey(entry.key))
        names.push_back(entry.key);
    reporter.error(first.loc) << "no area or section named '" << first.name
                              << "'" << suggest(first.name, names);
    return false;
  }
  if (path.size() > 3 && isAreaKey(first.name) &&
      (path[1].name == "populations" || path[1].name == "gates"))
    return checkNamed(path[1].name, first.name, path[2]);
  return true;
}

void Override::apply() {
  if (!parsePath())
    return;
  std::optional<Node> leaf = parseValue(value);
  if (!leaf || !checkPath())
    return;
  Node overlay = std::move(*leaf);
  for (size_t index = path.size(); index-- > 0;) {
    Node table(Node::Kind::Table, path[index].loc);
    bool reachesInside = index + 1 < path.size();
    table.entries.push_back({path[index].name, path[index].loc,
                             std::move(overlay), /*layer=*/0, reachesInside});
    overlay = std::move(table);
  }
  mergeCircuits(circuit, std::move(overlay));
}

void dale::applyOverride(Node &circuit, StringRef override,
                         Reporter &reporter) {
  Override(circuit, override, reporter).apply();
}
