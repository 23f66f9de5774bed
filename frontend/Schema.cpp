//===- Schema.cpp - A JSON Schema of circuit files -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Schema.h"
#include "frontend/Vocabulary.h"
#include <nlohmann/json.hpp>

using namespace dale;
using Json = nlohmann::ordered_json;

/// What AreaReader takes as a name.
static constexpr const char *namePattern = "^[A-Za-z][A-Za-z0-9_-]*$";

/// A source may be a population of another area, with a dot.
static std::string projectionPattern() {
  const std::string name = R"(\s*(\*|[A-Za-z][A-Za-z0-9_.-]*)\s*)";
  const std::string names = name + "(," + name + ")*";
  return "^" + names + "->" + names + "$";
}

static Json reference(const std::string &name) {
  return {{"$ref", "#/definitions/" + name}};
}

static Json orFalse(Json schema) {
  return {{"anyOf", {std::move(schema), {{"const", false}}}}};
}

//===----------------------------------------------------------------------===//
// What keys there are
//===----------------------------------------------------------------------===//

static Json bounds(Bound bound) {
  Json schema = {{"type", "number"}};
  if (bound == Bound::Positive || bound == Bound::Share)
    schema["exclusiveMinimum"] = 0;
  if (bound == Bound::NonNegative || bound == Bound::Fraction)
    schema["minimum"] = 0;
  if (bound == Bound::Fraction)
    schema["exclusiveMaximum"] = 1;
  if (bound == Bound::Share)
    schema["maximum"] = 1;
  return schema;
}

/// A table of tables: any of them can be taken away.
static Json tablesOf(const TableKind &kind) {
  bool areProjections = kind.id == TableId::Projection;
  std::string pattern = areProjections ? projectionPattern() : namePattern;
  return {{"type", "object"},
          {"patternProperties", {{pattern, orFalse(reference(kind.name))}}},
          {"additionalProperties", false}};
}

static Json valueOf(const Key &key) {
  switch (key.type) {
  case ValueType::String:
    return {{"type", "string"}, {"minLength", 1}};
  case ValueType::Area:
  case ValueType::Population:
    return {{"type", "string"}, {"pattern", namePattern}};
  case ValueType::Integer:
    return {{"type", "integer"},
            {"minimum", key.minimum},
            {"maximum", key.maximum}};
  case ValueType::Number:
    return bounds(key.bound);
  case ValueType::Boolean:
    return {{"type", "boolean"}};
  case ValueType::Choice:
    return {{"enum", key.choices}};
  case ValueType::Integers:
    return {{"type", "array"},
            {"items", {{"type", "integer"}, {"minimum", key.minimum}}}};
  case ValueType::Numbers: {
    Json schema = {{"type", "array"}, {"items", bounds(key.bound)}};
    if (key.length > 0)
      schema["minItems"] = schema["maxItems"] = key.length;
    return schema;
  }
  case ValueType::Table:
    return reference(kindOf(key.table).name);
  case ValueType::Tables:
    return tablesOf(kindOf(key.table));
  }
  return {};
}

static Json schemaOf(const Key &key) {
  Json alternatives = Json::array();
  if (key.orChoice)
    alternatives.push_back({{"enum", key.choices}});
  alternatives.push_back(valueOf(key));
  if (key.orFalse)
    alternatives.push_back({{"const", false}});
  // What stands beside a $ref is ignored: a reference is wrapped, too.
  bool wrap = alternatives.size() > 1 || key.type == ValueType::Table;
  Json schema = wrap ? Json{{"anyOf", alternatives}} : alternatives.front();
  std::string text = key.meaning;
  if (!key.fallbackInWords.empty())
    text += "\n\nDefault: " + key.fallbackInWords;
  schema["description"] = text;
  std::visit(
      [&](const auto &value) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(value)>,
                                      std::monostate>)
          schema["default"] = value;
      },
      key.fallback);
  return schema;
}

static Json schemaOf(const TableKind &kind) {
  Json properties = Json::object();
  for (const Key &key : kind.keys)
    properties[key.name] = schemaOf(key);
  return {{"description", kind.meaning},
          {"type", "object"},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

static Json forbid(const TableKind &kind) {
  Json properties = Json::object();
  for (const Key &key : kind.keys)
    if (key.name != "pool") // the one that both kinds of area have
      properties[key.name] = false;
  return {{"properties", std::move(properties)}};
}

/// An area over another file's may show nothing of which kind it is.
static Json areaSchema() {
  const TableKind &feedForward = kindOf(TableId::FeedForward);
  const TableKind &recurrent = kindOf(TableId::Recurrent);
  Json schema = {{"description",
                  "An area, feed-forward with `channels` or recurrent with "
                  "`populations`."},
                 {"type", "object"},
                 {"properties", Json::object()},
                 {"additionalProperties", false}};
  for (TableId id : {TableId::Like, TableId::FeedForward, TableId::Recurrent})
    for (const Key &key : kindOf(id).keys)
      schema["properties"][key.name] = schemaOf(key);
  schema["allOf"] = {
      {{"if", {{"required", {"channels"}}}}, {"then", forbid(recurrent)}},
      {{"if", {{"required", {"populations"}}}}, {"then", forbid(feedForward)}}};
  return schema;
}

//===----------------------------------------------------------------------===//
// What must be said
//===----------------------------------------------------------------------===//

static Json completeness(const TableKind &kind);

static Json completenessOfParts(const TableKind &kind) {
  Json properties = Json::object();
  for (const Key &key : kind.keys) {
    bool isTables = key.type == ValueType::Tables;
    if (!isTables && key.type != ValueType::Table)
      continue;
    Json part = completeness(kindOf(key.table));
    if (part.empty())
      continue;
    properties[key.name] =
        isTables ? Json{{"additionalProperties", part}} : part;
  }
  return properties;
}

/// What a table needs where nothing is inherited; empty where it needs nothing.
static Json completeness(const TableKind &kind) {
  Json schema = Json::object();
  for (const Key &key : kind.keys) {
    if (!key.isRequired)
      continue;
    if (key.unlessKey.empty()) {
      schema["required"].push_back(key.name);
      continue;
    }
    schema["if"] = {
        {"properties", {{key.unlessKey, {{"const", key.unlessValue}}}}}};
    schema["else"] = {{"required", {key.name}}};
  }
  if (Json parts = completenessOfParts(kind); !parts.empty())
    schema["properties"] = std::move(parts);
  return schema;
}

static Json completeArea() {
  Json parts = completenessOfParts(kindOf(TableId::FeedForward));
  parts.update(completenessOfParts(kindOf(TableId::Recurrent)));
  return {{"if", {{"not", {{"required", {"like"}}}}}},
          {"then",
           {{"anyOf",
             {{{"required", {"channels"}}}, {{"required", {"populations"}}}}},
            {"properties", std::move(parts)}}},
          {"dependencies", {{"scale", {"like"}}}}};
}

//===----------------------------------------------------------------------===//
// The whole file
//===----------------------------------------------------------------------===//

static Json completeFile() {
  Json sections = Json::object();
  for (TableId id : {TableId::Circuit, TableId::Readout, TableId::Training})
    if (Json schema = completeness(kindOf(id)); !schema.empty())
      sections[kindOf(id).name] = std::move(schema);
    else
      sections[kindOf(id).name] = true; // and not an area
  return {{"required", {"circuit", "readout"}},
          {"properties", std::move(sections)},
          {"additionalProperties", completeArea()}};
}

std::string dale::printSchema() {
  Json properties = Json::object();
  properties["base"] = {
      {"description", "the file that this one is laid over, relative to it"},
      {"type", "string"},
      {"minLength", 1}};
  for (llvm::StringRef name : sectionNames())
    properties[name.str()] = reference(name.str());

  Json definitions = Json::object();
  definitions["area"] = areaSchema();
  for (const TableKind &kind : vocabulary())
    if (kind.id != TableId::FeedForward && kind.id != TableId::Recurrent &&
        kind.id != TableId::Like)
      definitions[kind.name] = schemaOf(kind);

  // Areas are what additionalProperties is left with: a pattern that leaves the
  // sections out would need a look-ahead, which not every editor has.
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                 {"title", "A circuit of dale"},
                 {"description",
                  "Written by 'dale schema'. Every table with another name "
                  "than the sections' is an area."},
                 {"type", "object"},
                 {"properties", std::move(properties)},
                 {"propertyNames", {{"pattern", namePattern}}},
                 {"additionalProperties", orFalse(reference("area"))},
                 {"if", {{"not", {{"required", {"base"}}}}}},
                 {"then", completeFile()},
                 {"definitions", std::move(definitions)}};
  return schema.dump(/*indent=*/2) + "\n";
}
