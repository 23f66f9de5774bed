//===- Toml.cpp - TOML text to a tree of values -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Toml.h"
#include "llvm/ADT/STLExtras.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
// In a release build toml++ tells the compiler that its parser's preconditions
// hold. They do not for malformed headers like `[,]`, which it goes on to
// report well as long as nothing is made of the promise.
#include <toml++/impl/preprocessor.h>
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expr) static_assert(true)
#include <toml++/toml.h>

using namespace dale;

namespace {

/// Copies toml++'s tree, whose tables are sorted by key, in the file's order.
class Converter {
public:
  explicit Converter(const Locate &locate) : locate(locate) {}

  Node convert(const toml::node &node) {
    mlir::Location loc = at(node.source());
    switch (node.type()) {
    case toml::node_type::table:
      return convertTable(*node.as_table(), loc);
    case toml::node_type::array: {
      Node value(Node::Kind::Array, loc);
      for (const toml::node &element : *node.as_array())
        value.elements.push_back(convert(element));
      return value;
    }
    case toml::node_type::string: {
      Node value(Node::Kind::String, loc);
      value.text = node.as_string()->get();
      return value;
    }
    case toml::node_type::integer: {
      Node value(Node::Kind::Integer, loc);
      value.integer = node.as_integer()->get();
      value.number = static_cast<double>(value.integer);
      return value;
    }
    case toml::node_type::floating_point: {
      Node value(Node::Kind::Float, loc);
      value.number = node.as_floating_point()->get();
      return value;
    }
    case toml::node_type::boolean: {
      Node value(Node::Kind::Boolean, loc);
      value.boolean = node.as_boolean()->get();
      return value;
    }
    default:
      return Node(Node::Kind::Date, loc);
    }
  }

private:
  Node convertTable(const toml::table &table, mlir::Location loc) {
    std::vector<std::pair<const toml::key *, const toml::node *>> order;
    for (auto it = table.cbegin(); it != table.cend(); ++it)
      order.emplace_back(&it->first, &it->second);
    llvm::stable_sort(order, [](const auto &a, const auto &b) {
      return a.first->source().begin < b.first->source().begin;
    });
    Node value(Node::Kind::Table, loc);
    for (auto [key, node] : order)
      value.entries.push_back(
          {std::string(key->str()), at(key->source()), convert(*node)});
    return value;
  }

  mlir::Location at(const toml::source_region &source) {
    return locate(source.begin.line, source.begin.column);
  }

  const Locate &locate;
};

} // namespace

std::optional<Node> dale::parseToml(llvm::StringRef text, const Locate &locate,
                                    Reporter *reporter) {
  toml::parse_result result =
      toml::parse(std::string_view(text.data(), text.size()));
  if (result)
    return Converter(locate).convert(result.table());
  if (reporter) {
    toml::source_position position = result.error().source().begin;
    std::string_view description = result.error().description();
    llvm::StringRef message(description.data(), description.size());
    message.consume_front("Error while parsing ");
    reporter->error(locate(position.line, position.column))
        << "not TOML: " << message;
  }
  return std::nullopt;
}
