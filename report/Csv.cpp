//===- Csv.cpp - Tables in text files -------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Csv.h"

#include "runtime/Error.h"
#include "runtime/io/Csv.h"

#include <charconv>
#include <cmath>

using namespace dale::report;
using namespace dale::runtime;
namespace fs = std::filesystem;

template <typename Number>
static Number parse(const CsvReader &reader, const std::string &text,
                    const char *what) {
  Number number{};
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    reader.failHere(fmt::format("the {} is '{}': expected a number", what,
                                text.substr(0, 40)));
  return number;
}

std::vector<Measurement> dale::report::readMeasurements(const fs::path &file,
                                                        std::string_view mend) {
  CsvReader reader = openMeasurements(file, std::string(mend));
  std::vector<Measurement> rows;
  while (!reader.atEnd()) {
    CsvRow fields = reader.row();
    if (fields.size() != measurementColumns.size())
      reader.failHere(fmt::format("the line has {} fields: expected {}",
                                  fields.size(), measurementColumns.size()));
    rows.push_back({parse<int64_t>(reader, fields[2], "epoch"), fields[3],
                    fields[4], fields[5], fields[6],
                    parse<double>(reader, fields[7], "value"), reader.line()});
  }
  return rows;
}

std::string Table::csv() const { return formatCsv(columns, rows); }

std::string dale::report::cell(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}
