//===- Csv.h - Tables as CSV ------------------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_IO_CSV_H
#define DALE_RUNTIME_IO_CSV_H

#include <string>
#include <vector>

namespace dale::runtime {

using CsvRow = std::vector<std::string>;

/// A table as text, a line for each row. Fields with a comma, a quote or a
/// line's end are quoted (RFC 4180).
std::string formatCsv(const CsvRow &columns, const std::vector<CsvRow> &rows);

} // namespace dale::runtime

#endif // DALE_RUNTIME_IO_CSV_H
