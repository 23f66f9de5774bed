//===- Json.h - JSON files that may be broken -------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// JSON files of runs. Whatever is wrong in one is a runtime::Error that names
/// the file and the place: line and column where it is no JSON, and the path of
/// the value ("/populations/3/gosi") where it is not what it should be.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_JSON_H
#define DALE_REPORT_JSON_H

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dale::report {

/// A value of a JSON file that knows where it stands.
class JsonValue {
public:
  /// Reads a file. `mend` ends each error about it: what to do.
  static JsonValue read(const std::filesystem::path &file, std::string mend);

  /// The value of a key that must be there.
  JsonValue at(std::string_view key) const;
  /// The value of a key, or nothing where it is missing or null.
  std::optional<JsonValue> find(std::string_view key) const;

  /// The items of a list.
  std::vector<JsonValue> items() const;
  /// The entries of an object, in the file's order.
  std::vector<std::pair<std::string, JsonValue>> entries() const;

  double number() const;
  int64_t integer() const;
  /// A whole number of at least 0.
  int64_t count() const;
  bool boolean() const;
  std::string text() const;

  /// A scalar as a reader writes it: 8, 0.5, true, a string without quotes.
  std::string scalar() const;

  /// Throws an error about this value: "expected " + what.
  [[noreturn]] void failHere(std::string_view expected) const;

private:
  struct Source {
    std::filesystem::path file;
    std::string mend;
    nlohmann::ordered_json root;
  };

  JsonValue(std::shared_ptr<const Source> source,
            const nlohmann::ordered_json &value, std::string path)
      : source(std::move(source)), value(&value), path(std::move(path)) {}

  std::shared_ptr<const Source> source;
  const nlohmann::ordered_json *value;
  std::string path;
};

} // namespace dale::report

#endif // DALE_REPORT_JSON_H
