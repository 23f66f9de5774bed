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
#include "llvm/ADT/SmallVector.h"
#include <limits>
#include <optional>

namespace dale {

/// The numbers that a key takes.
enum class Bound { Any, Positive, NonNegative, Fraction };

/// Reads the keys of one table, and reports what it finds wrong. Where a value
/// is wrong or missing the caller gets the fallback, and can go on to find what
/// else there is to report.
class TableReader {
public:
  /// Reports the keys that are none of `keys`. `what` is the table's kind with
  /// its article, and `loc` where to report a missing key.
  TableReader(const Node &table, mlir::Location loc, llvm::StringRef what,
              llvm::ArrayRef<llvm::StringRef> keys, Reporter &reporter);

  const Entry *find(llvm::StringRef key) const { return table.find(key); }
  const Entry *require(llvm::StringRef key);

  int64_t integer(llvm::StringRef key, int64_t fallback, int64_t minimum = 1,
                  int64_t maximum = std::numeric_limits<int32_t>::max());
  double number(llvm::StringRef key, double fallback, Bound bound);
  bool boolean(llvm::StringRef key, bool fallback);
  std::string string(llvm::StringRef key, llvm::StringRef fallback);
  llvm::SmallVector<int64_t> integers(llvm::StringRef key, int64_t minimum);

  /// The index of the key's value among `names`.
  std::optional<size_t> choice(llvm::StringRef key,
                               llvm::ArrayRef<llvm::StringRef> names);

  /// The key's value as an enum of the dialect; `_` is `-` in a circuit file.
  template <typename EnumT>
  std::optional<EnumT> keyword(llvm::StringRef key);

  /// A table under this key, or null where there is none or it is `false`.
  const Entry *subtable(llvm::StringRef key);

  mlir::InFlightDiagnostic error(mlir::Location loc) {
    return reporter.error(loc);
  }

private:
  void wrongType(const Entry &entry, llvm::StringRef expected);

  const Node &table;
  mlir::Location loc;
  llvm::StringRef what;
  Reporter &reporter;
};

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

template <typename EnumT>
std::optional<EnumT> TableReader::keyword(llvm::StringRef key) {
  std::vector<std::string> names = keywordNames<EnumT>();
  llvm::SmallVector<llvm::StringRef> refs(names.begin(), names.end());
  if (std::optional<size_t> index = choice(key, refs))
    return static_cast<EnumT>(*index);
  return std::nullopt;
}

} // namespace dale

#endif // DALE_FRONTEND_TABLEREADER_H
