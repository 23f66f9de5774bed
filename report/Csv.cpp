//===- Csv.cpp - Tables in text files -------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Csv.h"

#include "runtime/Error.h"
#include "runtime/io/AtomicFile.h"
#include "runtime/io/Csv.h"

#include <charconv>
#include <cmath>

using namespace dale::report;
using dale::runtime::fail;
namespace fs = std::filesystem;

namespace {
/// Takes one record after the other from a text.
class Reader {
public:
  Reader(const fs::path &file, std::string_view mend)
      : file(file), mend(mend), text(dale::runtime::readTextFile(file)) {}

  bool atEnd() const { return place == text.size(); }

  /// Where the record begins that was taken last.
  size_t line() const { return firstLine; }

  std::vector<std::string> record() {
    firstLine = nextLine;
    std::vector<std::string> fields(1);
    bool quoted = false;
    while (place < text.size()) {
      char letter = text[place++];
      nextLine += letter == '\n';
      if (quoted) {
        if (letter != '"')
          fields.back() += letter;
        else if (place < text.size() && text[place] == '"')
          fields.back() += text[place++];
        else
          quoted = false;
      } else if (letter == '"') {
        quoted = true;
      } else if (letter == ',') {
        fields.emplace_back();
      } else if (letter == '\n') {
        return fields;
      } else if (letter != '\r') {
        fields.back() += letter;
      }
    }
    failHere(quoted ? "the file ends within quotes: expected a closing quote"
                    : "the file ends within a line: expected the line's end");
  }

  [[noreturn]] void failHere(std::string_view message) const {
    fail("{}:{}: {}; {}", file.string(), firstLine, message, mend);
  }

private:
  const fs::path &file;
  std::string_view mend;
  std::string text;
  size_t place = 0, firstLine = 1, nextLine = 1;
};

template <typename Number>
Number parse(const Reader &reader, const std::string &text, const char *what) {
  Number number{};
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    reader.failHere(fmt::format("the {} is '{}': expected a number", what,
                                text.substr(0, 40)));
  return number;
}
} // namespace

static constexpr const char *header =
    "run,seed,epoch,area,population,unit,metric,value";

std::vector<Measurement> dale::report::readMeasurements(const fs::path &file,
                                                        std::string_view mend) {
  Reader reader(file, mend);
  if (reader.atEnd())
    fail("{}:1: the file is empty: expected the header {}; {}", file.string(),
         header, mend);
  std::vector<std::string> names = reader.record();
  if (fmt::format("{}", fmt::join(names, ",")) != header)
    reader.failHere(fmt::format("expected the header {}", header));
  std::vector<Measurement> rows;
  while (!reader.atEnd()) {
    std::vector<std::string> fields = reader.record();
    if (fields.size() != names.size())
      reader.failHere(fmt::format("the line has {} fields: expected {}",
                                  fields.size(), names.size()));
    rows.push_back({parse<int64_t>(reader, fields[2], "epoch"), fields[3],
                    fields[4], fields[5], fields[6],
                    parse<double>(reader, fields[7], "value"), reader.line()});
  }
  return rows;
}

std::string Table::csv() const {
  return dale::runtime::formatCsv(columns, rows);
}

std::string dale::report::cell(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}
