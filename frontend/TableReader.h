//===- TableReader.h - Typed access to a table -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TABLEREADER_H
#define DALE_FRONTEND_TABLEREADER_H

#include "frontend/Node.h"
#include "frontend/Reporter.h"
#include "frontend/Vocabulary.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace dale {

/// Reads the keys of one table, and reports what it finds wrong. The vocabulary
/// says which keys there are, what they take and what they are by default.
/// Where a value is wrong or missing the caller gets the fallback, and can go
/// on to find what else there is to report.
class TableReader {
public:
  /// Reports the keys that this kind of table does not have. `loc` is where to
  /// report a missing key.
  TableReader(const Node &table, mlir::Location loc, TableId kind,
              Reporter &reporter);

  const Entry *find(llvm::StringRef key) const { return table.find(key); }
  const Entry *require(llvm::StringRef key);
  /// Reports every key that must be said and is not there.
  void requireAll();

  /// Without a `fallback` it is the vocabulary's; the smallest number of a key
  /// that must be said.
  int64_t integer(llvm::StringRef key);
  double number(llvm::StringRef key, std::optional<double> fallback = {});
  bool boolean(llvm::StringRef key, std::optional<bool> fallback = {});
  std::string string(llvm::StringRef key, llvm::StringRef fallback);
  llvm::SmallVector<int64_t> integers(llvm::StringRef key);
  /// Nothing where the key is not said or its value is wrong.
  std::optional<llvm::SmallVector<double>> numbers(llvm::StringRef key);

  /// The index of the key's value among its choices.
  std::optional<size_t> choice(llvm::StringRef key);
  /// The same, or the index of the vocabulary's default.
  size_t choiceOrDefault(llvm::StringRef key);

  /// The key's value as an enum of the dialect; `_` is `-` in a circuit file.
  template <typename EnumT>
  std::optional<EnumT> keyword(llvm::StringRef key) {
    if (std::optional<size_t> index = choice(key))
      return static_cast<EnumT>(*index);
    return std::nullopt;
  }
  template <typename EnumT>
  EnumT keywordOrDefault(llvm::StringRef key) {
    return static_cast<EnumT>(choiceOrDefault(key));
  }

  /// A table under this key, or null where there is none or where it is `false`
  /// and may be.
  const Entry *subtable(llvm::StringRef key);

  mlir::InFlightDiagnostic error(mlir::Location loc) {
    return reporter.error(loc);
  }

private:
  void wrongType(const Entry &entry, llvm::StringRef expected);

  const Key &describe(llvm::StringRef key) const;

  const Node &table;
  mlir::Location loc;
  const TableKind &kind;
  Reporter &reporter;
};

} // namespace dale

#endif // DALE_FRONTEND_TABLEREADER_H
