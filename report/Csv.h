//===- Csv.h - Tables in text files -----------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Comma-separated values as RFC 4180 has them: those of runs are read, those
/// of figures are written.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_CSV_H
#define DALE_REPORT_CSV_H

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dale::report {

/// One measurement of metrics.csv or analysis.csv. What does not apply is
/// empty.
struct Measurement {
  int64_t epoch = 0;
  std::string area;
  std::string population;
  std::string unit;
  std::string metric;
  double value = 0;
  /// Where it begins in the file, from 1.
  size_t line = 0;
};

/// Reads metrics.csv or analysis.csv. Errors name the file and the line; `mend`
/// says what to do.
std::vector<Measurement> readMeasurements(const std::filesystem::path &file,
                                          std::string_view mend);

/// A table whose cells are texts.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;

  std::string csv() const;
};

/// A number in as few digits as give it back.
std::string cell(double value);

} // namespace dale::report

#endif // DALE_REPORT_CSV_H
