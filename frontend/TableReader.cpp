//===- TableReader.cpp - Typed access to a table -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/TableReader.h"
#include "frontend/Number.h"
#include "frontend/Suggest.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace mlir;
using namespace dale;

/// A value as an error shows it.
static std::string show(const Node &value) {
  switch (value.kind) {
  case Node::Kind::Integer:
    return std::to_string(value.integer);
  case Node::Kind::Float:
    return formatNumber(value.number);
  case Node::Kind::String:
    return "the string \"" + value.text + "\"";
  case Node::Kind::Boolean:
    return value.boolean ? "true" : "false";
  default:
    return describe(value.kind).str();
  }
}

TableReader::TableReader(const Node &table, Location loc, TableId id,
                         Reporter &reporter)
    : table(table), loc(loc), kind(kindOf(id)), reporter(reporter) {
  for (const Entry &entry : table.entries)
    if (!kind.find(entry.key))
      reporter.error(entry.loc)
          << "unknown key '" << entry.key << "' in " << kind.what
          << suggest(entry.key, kind.keyNames());
}

const Key &TableReader::describe(StringRef key) const {
  const Key *found = kind.find(key);
  assert(found && "a key that the vocabulary does not have");
  return *found;
}

const Entry *TableReader::require(StringRef key) {
  const Entry *entry = find(key);
  if (!entry)
    reporter.error(loc) << kind.what << " needs '" << key << "'";
  return entry;
}

void TableReader::requireAll() {
  for (const Key &key : kind.keys)
    if (key.isRequired && key.unlessKey.empty())
      require(key.name);
}

void TableReader::wrongType(const Entry &entry, StringRef expected) {
  reporter.error(entry.value.loc)
      << "expected " << expected << " for '" << entry.key << "', got "
      << show(entry.value);
}

int64_t TableReader::integer(StringRef key) {
  const Key &known = describe(key);
  int64_t minimum = known.minimum, maximum = known.maximum;
  const auto *said = std::get_if<int64_t>(&known.fallback);
  int64_t fallback = said ? *said : minimum;
  const Entry *entry = find(key);
  if (!entry)
    return fallback;
  bool isInteger = entry->value.is(Node::Kind::Integer);
  int64_t value = entry->value.integer;
  if (isInteger && value >= minimum && value <= maximum)
    return value;
  std::string expected = "a whole number";
  if (isInteger)
    expected += value < minimum ? " of at least " + std::to_string(minimum)
                                : " of at most " + std::to_string(maximum);
  wrongType(*entry, expected);
  return fallback;
}

/// Circuits compute in f32, but for those that are compiled for f64.
static bool isWithin(double value, Bound bound) {
  if (!isHeldByFloat(value))
    return false;
  switch (bound) {
  case Bound::Any:
    return true;
  case Bound::Positive:
    return value > 0;
  case Bound::NonNegative:
    return value >= 0;
  case Bound::Fraction:
    return value >= 0 && value < 1;
  case Bound::Share:
    return value > 0 && value <= 1;
  }
  return false;
}

static StringRef describe(Bound bound, double value) {
  if (std::isfinite(value) && !isHeldByFloat(value))
    return heldByFloat;
  switch (bound) {
  case Bound::Any:
    return "a finite number";
  case Bound::Positive:
    return "a positive number";
  case Bound::NonNegative:
    return "a number that is not negative";
  case Bound::Fraction:
    return "a number from 0 to below 1";
  case Bound::Share:
    return value > 1 ? "a share of at most 1" : "a positive number";
  }
  return "";
}

double TableReader::number(StringRef key, std::optional<double> given) {
  const Key &known = describe(key);
  double fallback = given ? *given : std::get<double>(known.fallback);
  const Entry *entry = find(key);
  if (!entry)
    return fallback;
  bool isNumber = entry->value.is(Node::Kind::Integer) ||
                  entry->value.is(Node::Kind::Float);
  double value = entry->value.number;
  if (isNumber && std::isfinite(value) && isWithin(value, known.bound))
    return value;
  wrongType(*entry,
            isNumber ? ::describe(known.bound, value) : StringRef("a number"));
  return fallback;
}

bool TableReader::boolean(StringRef key, std::optional<bool> given) {
  bool fallback = given ? *given : std::get<bool>(describe(key).fallback);
  const Entry *entry = find(key);
  if (!entry)
    return fallback;
  if (entry->value.is(Node::Kind::Boolean))
    return entry->value.boolean;
  wrongType(*entry, "true or false");
  return fallback;
}

std::string TableReader::string(StringRef key, StringRef fallback) {
  const Entry *entry = find(key);
  if (!entry)
    return fallback.str();
  if (entry->value.is(Node::Kind::String) && !entry->value.text.empty())
    return entry->value.text;
  wrongType(*entry, entry->value.is(Node::Kind::String)
                        ? "a string that is not empty"
                        : "a string");
  return fallback.str();
}

llvm::SmallVector<int64_t> TableReader::integers(StringRef key) {
  int64_t minimum = describe(key).minimum;
  const Entry *entry = find(key);
  llvm::SmallVector<int64_t> numbers;
  if (!entry)
    return numbers;
  if (!entry->value.is(Node::Kind::Array)) {
    wrongType(*entry, "an array of whole numbers");
    return numbers;
  }
  for (const Node &element : entry->value.elements) {
    if (element.is(Node::Kind::Integer) && element.integer >= minimum) {
      numbers.push_back(element.integer);
      continue;
    }
    reporter.error(element.loc)
        << "expected a whole number of at least " << minimum << " in '" << key
        << "', got " << show(element);
  }
  return numbers;
}

std::optional<llvm::SmallVector<double>> TableReader::numbers(StringRef key) {
  const Key &known = describe(key);
  const Entry *entry = find(key);
  if (!entry)
    return std::nullopt;
  const std::vector<Node> &elements = entry->value.elements;
  std::string expected =
      known.length > 0
          ? "an array of " + std::to_string(known.length) + " numbers"
          : "an array of numbers";
  if (!entry->value.is(Node::Kind::Array)) {
    wrongType(*entry, expected);
    return std::nullopt;
  }
  if (known.length > 0 && elements.size() != known.length) {
    reporter.error(entry->value.loc) << "expected " << expected << " for '"
                                     << key << "', got " << elements.size();
    return std::nullopt;
  }
  llvm::SmallVector<double> values;
  for (const Node &element : elements) {
    double value = element.number;
    bool isNumber =
        element.is(Node::Kind::Integer) || element.is(Node::Kind::Float);
    if (isNumber && std::isfinite(value) && isWithin(value, known.bound)) {
      values.push_back(value);
      continue;
    }
    reporter.error(element.loc)
        << "expected "
        << (isNumber ? ::describe(known.bound, value) : StringRef("a number"))
        << " in '" << key << "', got " << show(element);
  }
  if (values.size() != elements.size())
    return std::nullopt;
  return values;
}

std::optional<size_t> TableReader::choice(StringRef key) {
  const Entry *entry = find(key);
  if (!entry)
    return std::nullopt;
  const std::vector<std::string> &choices = describe(key).choices;
  SmallVector<StringRef> names(choices.begin(), choices.end());
  if (!entry->value.is(Node::Kind::String)) {
    wrongType(*entry, listNames(names));
    return std::nullopt;
  }
  auto it = llvm::find(names, entry->value.text);
  if (it != names.end())
    return it - names.begin();
  reporter.error(entry->value.loc)
      << "unknown " << key << " '" << entry->value.text << "'"
      << suggest(entry->value.text, names);
  return std::nullopt;
}

size_t TableReader::choiceOrDefault(StringRef key) {
  if (std::optional<size_t> index = choice(key))
    return *index;
  const Key &known = describe(key);
  return llvm::find(known.choices, std::get<std::string>(known.fallback)) -
         known.choices.begin();
}

const Entry *TableReader::subtable(StringRef key) {
  const Entry *entry = find(key);
  if (!entry || (entry->value.isFalse() && describe(key).orFalse))
    return nullptr;
  if (entry->value.isTable())
    return entry;
  wrongType(*entry, "a table");
  return nullptr;
}
