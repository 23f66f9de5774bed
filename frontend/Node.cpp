//===- Node.cpp - A circuit file's tree, with locations -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Node.h"

using namespace dale;

const Entry *Node::find(llvm::StringRef key) const {
  for (const Entry &entry : entries)
    if (entry.key == key)
      return &entry;
  return nullptr;
}

Entry *Node::find(llvm::StringRef key) {
  return const_cast<Entry *>(std::as_const(*this).find(key));
}

llvm::StringRef dale::describe(Node::Kind kind) {
  switch (kind) {
  case Node::Kind::Table:
    return "a table";
  case Node::Kind::Array:
    return "an array";
  case Node::Kind::String:
    return "a string";
  case Node::Kind::Integer:
    return "a whole number";
  case Node::Kind::Float:
    return "a number with a fraction";
  case Node::Kind::Boolean:
    return "true or false";
  case Node::Kind::Date:
    return "a date or time";
  }
  return "";
}
