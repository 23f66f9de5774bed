//===- Vocabulary.h - The keys of circuit files -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_VOCABULARY_H
#define DALE_FRONTEND_VOCABULARY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace dale {

/// The kinds of tables that a circuit file has.
enum class TableId {
  Circuit,
  Input,
  CircuitNorm,
  FeedForward,
  FeedForwardNorm,
  Recurrent,
  Like,
  Pool,
  Population,
  PopulationNorm,
  Dropout,
  Gate,
  Projection,
  Readout,
  Training,
  Schedule,
  Augment,
};

/// What a key's value is. `Tables` is a table of tables under names that the
/// user chooses; `Area` and `Population` are the name of one.
enum class ValueType {
  String,
  Integer,
  Number,
  Boolean,
  Choice,
  Integers,
  Numbers,
  Table,
  Tables,
  Area,
  Population
};

/// The numbers that a key takes.
enum class Bound {
  Any,
  Positive,
  NonNegative,
  Fraction, ///< from 0 to below 1
  Share     ///< above 0 and up to 1
};

/// One key of a kind of table. Made by the functions of Vocabulary.cpp, which
/// read like sentences.
struct Key {
  std::string name;
  ValueType type;
  std::string meaning;

  int64_t minimum = 1, maximum = std::numeric_limits<int32_t>::max();
  Bound bound = Bound::Any;
  /// How many numbers an array has; 0 is any.
  size_t length = 0;
  std::vector<std::string> choices;
  TableId table = TableId::Circuit;
  /// Besides the table itself: one of `choices`, or false for nothing at all.
  bool orChoice = false, orFalse = false;

  /// Whether the key must be said, unless another key has this value.
  bool isRequired = false;
  std::string unlessKey, unlessValue;
  /// What the key is where it is not said...
  std::variant<std::monostate, bool, int64_t, double, std::string> fallback;
  /// ... or how that follows from others.
  std::string fallbackInWords;

  Key means(llvm::StringRef text) const;
  Key required() const;
  Key requiredUnless(llvm::StringRef other, llvm::StringRef value) const;
  template <typename T>
  Key unlessSaid(T value) const {
    Key key = *this;
    key.fallback = value;
    return key;
  }
  Key unlessSaidInWords(llvm::StringRef words) const;
  Key orNothing() const;
  Key orOneOf(std::vector<std::string> names) const;
};

/// One kind of table and its keys.
struct TableKind {
  TableId id;
  std::string name;    ///< without an article, such as "population"
  std::string what;    ///< as messages say it, with its article
  std::string heading; ///< of its part of the reference
  std::string meaning;
  std::vector<Key> keys;

  /// The key with this name, or null.
  const Key *find(llvm::StringRef key) const;
  llvm::SmallVector<llvm::StringRef> keyNames() const;
};

/// All kinds of tables, in the order of a circuit file.
llvm::ArrayRef<TableKind> vocabulary();

/// One of them.
const TableKind &kindOf(TableId id);

/// What a file's tables that are no areas are called, in their order.
llvm::ArrayRef<llvm::StringRef> sectionNames();

/// How a circuit file spells the names of one of the dialect's enums.
template <typename EnumT>
std::vector<std::string> keywordNames() {
  std::vector<std::string> names;
  for (unsigned index = 0;; ++index) {
    std::string name = stringifyEnum(static_cast<EnumT>(index)).str();
    if (name.empty())
      return names;
    std::replace(name.begin(), name.end(), '_', '-');
    names.push_back(std::move(name));
  }
}

} // namespace dale

#endif // DALE_FRONTEND_VOCABULARY_H
