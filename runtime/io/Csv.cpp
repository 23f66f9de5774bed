//===- Csv.cpp - Tables as CSV --------------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Csv.h"

using namespace dale::runtime;

static void appendField(std::string &text, const std::string &field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) {
    text += field;
    return;
  }
  text += '"';
  for (char letter : field) {
    if (letter == '"')
      text += '"';
    text += letter;
  }
  text += '"';
}

static void appendRow(std::string &text, const CsvRow &row) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (i)
      text += ',';
    appendField(text, row[i]);
  }
  text += '\n';
}

std::string dale::runtime::formatCsv(const CsvRow &columns,
                                     const std::vector<CsvRow> &rows) {
  std::string text;
  appendRow(text, columns);
  for (const CsvRow &row : rows)
    appendRow(text, row);
  return text;
}
