//===- Json.cpp - JSON files that may be broken ---------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Json.h"

#include "runtime/Error.h"
#include "runtime/io/AtomicFile.h"

#include <algorithm>

using namespace dale::report;
using dale::runtime::fail;
using nlohmann::ordered_json;
namespace fs = std::filesystem;

/// "12:5" of a byte's place, both from 1.
static std::string lineAndColumn(std::string_view text, size_t byte) {
  std::string_view before = text.substr(0, std::min(byte, text.size()));
  size_t line = 1 + std::ranges::count(before, '\n');
  size_t start = before.rfind('\n');
  size_t column = before.size() - (start == before.npos ? 0 : start + 1) + 1;
  return fmt::format("{}:{}", line, column);
}

namespace {
/// Walks over JSON only to find out where it cannot be read.
struct FailureFinder : nlohmann::json_sax<ordered_json> {
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t &) override { return true; }
  bool string(string_t &) override { return true; }
  bool binary(binary_t &) override { return true; }
  bool start_object(size_t) override { return true; }
  bool key(string_t &) override { return true; }
  bool end_object() override { return true; }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(size_t end, const std::string &last,
                   const nlohmann::detail::exception &) override {
    token = last;
    byte = end - std::min(end, last.size());
    return false;
  }

  /// What cannot be read, and where it begins.
  std::string token;
  size_t byte = 0;
};
} // namespace

JsonValue JsonValue::read(const fs::path &file, std::string mend) {
  std::string text = runtime::readTextFile(file);
  auto source = std::make_shared<Source>();
  source->file = file;
  source->mend = std::move(mend);
  try {
    source->root = ordered_json::parse(text);
  } catch (const ordered_json::parse_error &error) {
    size_t byte = error.byte > 0 ? error.byte - 1 : 0;
    fail("{}:{}: {}: expected JSON; {}", file.string(),
         lineAndColumn(text, byte),
         byte >= text.size() ? "the file ends here" : "this is no JSON",
         source->mend);
  } catch (const ordered_json::out_of_range &) {
    // It does not say where.
    FailureFinder finder;
    ordered_json::sax_parse(text, &finder);
    fail("{}:{}: {} is too large: expected a number that 64 bits hold; {}",
         file.string(), lineAndColumn(text, finder.byte), finder.token,
         source->mend);
  }
  const ordered_json &root = source->root;
  return JsonValue(std::move(source), root, "");
}

void JsonValue::failHere(std::string_view expected) const {
  std::string is = value->dump();
  if (is.size() > 40)
    is = is.substr(0, 40) + "...";
  fail("{}: {} is {}: expected {}; {}", source->file.string(),
       path.empty() ? "the whole" : path, is, expected, source->mend);
}

JsonValue JsonValue::at(std::string_view key) const {
  if (!value->is_object())
    failHere("an object");
  auto entry = value->find(std::string(key));
  if (entry == value->end())
    fail("{}: {} has no '{}': expected one; {}", source->file.string(),
         path.empty() ? "the whole" : path, key, source->mend);
  return JsonValue(source, *entry, path + "/" + std::string(key));
}

std::optional<JsonValue> JsonValue::find(std::string_view key) const {
  if (!value->is_object())
    failHere("an object");
  auto entry = value->find(std::string(key));
  if (entry == value->end() || entry->is_null())
    return std::nullopt;
  return JsonValue(source, *entry, path + "/" + std::string(key));
}

std::vector<JsonValue> JsonValue::items() const {
  if (!value->is_array())
    failHere("a list");
  std::vector<JsonValue> result;
  for (size_t i = 0; i < value->size(); ++i)
    result.push_back(
        JsonValue(source, (*value)[i], fmt::format("{}/{}", path, i)));
  return result;
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::entries() const {
  if (!value->is_object())
    failHere("an object");
  std::vector<std::pair<std::string, JsonValue>> result;
  for (const auto &[key, entry] : value->items())
    result.emplace_back(key, JsonValue(source, entry, path + "/" + key));
  return result;
}

double JsonValue::number() const {
  if (!value->is_number())
    failHere("a number");
  return value->get<double>();
}

int64_t JsonValue::integer() const {
  if (!value->is_number_integer())
    failHere("a whole number");
  return value->get<int64_t>();
}

int64_t JsonValue::count() const {
  // One beyond 64 bits has become negative, or a number with a fraction.
  if (!value->is_number_integer() || value->get<int64_t>() < 0)
    failHere("a whole number of at least 0");
  return value->get<int64_t>();
}

bool JsonValue::boolean() const {
  if (!value->is_boolean())
    failHere("true or false");
  return value->get<bool>();
}

std::string JsonValue::text() const {
  if (!value->is_string())
    failHere("a string");
  return value->get<std::string>();
}

std::string JsonValue::scalar() const {
  return value->is_string() ? value->get<std::string>() : value->dump();
}
