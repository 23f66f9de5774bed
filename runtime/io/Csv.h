//===- Csv.h - Tables as CSV ------------------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_IO_CSV_H
#define DALE_RUNTIME_IO_CSV_H

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime {

using CsvRow = std::vector<std::string>;

/// A table as text, a line for each row. Fields with a comma, a quote or a
/// line's end are quoted (RFC 4180).
std::string formatCsv(const CsvRow &columns, const std::vector<CsvRow> &rows);

/// Takes one row of a file after the other (RFC 4180).
class CsvReader {
public:
  /// Reads the file. `mend` ends each error about it: what to do.
  CsvReader(std::filesystem::path file, std::string mend);

  bool atEnd() const { return place == text.size(); }
  /// The next row. Throws where the file ends within it.
  CsvRow row();
  /// Where the row begins that was taken last, from 1.
  size_t line() const { return firstLine; }

  /// Throws an error about that row, which names file and line.
  [[noreturn]] void failHere(std::string_view message) const;

private:
  std::filesystem::path file;
  std::string mend;
  std::string text;
  size_t place = 0, firstLine = 1, nextLine = 1;
};

/// Of metrics.csv and analysis.csv.
extern const CsvRow measurementColumns;

/// Begins to read metrics.csv or analysis.csv, behind the row that names the
/// columns. Throws where that is another one.
CsvReader openMeasurements(const std::filesystem::path &file, std::string mend);

} // namespace dale::runtime

#endif // DALE_RUNTIME_IO_CSV_H
