//===- Node.h - A circuit file's tree, with locations -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_NODE_H
#define DALE_FRONTEND_NODE_H

#include "mlir/IR/Location.h"
#include <string>
#include <vector>

namespace dale {

struct Entry;

/// A value of a circuit file. Unlike a TOML library's, a table keeps the order
/// of the file, and a value keeps its location when files are merged.
struct Node {
  enum class Kind { Table, Array, String, Integer, Float, Boolean, Date };

  Node(Kind kind, mlir::Location loc) : kind(kind), loc(loc) {}

  bool is(Kind other) const { return kind == other; }
  bool isTable() const { return is(Kind::Table); }
  /// `false` takes away what a base, or the area that `like` names, brings.
  bool isFalse() const { return is(Kind::Boolean) && !boolean; }

  /// The entry of a table with this key, or null.
  Entry *find(llvm::StringRef key);
  const Entry *find(llvm::StringRef key) const;

  Kind kind;
  mlir::Location loc;
  std::string text;
  int64_t integer = 0;
  double number = 0;
  bool boolean = false;
  std::vector<Entry> entries; // of a table
  std::vector<Node> elements; // of an array
};

/// A key of a table and its value.
struct Entry {
  std::string key;
  mlir::Location loc;
  Node value;
  /// Which file said it, for projections: entries of a later layer refine those
  /// of earlier ones (see Projections.h).
  unsigned layer = 0;
  /// Whether an override reaches inside this entry, which must then exist.
  bool mustExist = false;
};

/// What a kind of value is called in messages, with its article.
llvm::StringRef describe(Node::Kind kind);

} // namespace dale

#endif // DALE_FRONTEND_NODE_H
