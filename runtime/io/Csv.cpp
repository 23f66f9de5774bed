//===- Csv.cpp - Tables as CSV --------------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Csv.h"

#include "runtime/Error.h"
#include "runtime/io/AtomicFile.h"

using namespace dale::runtime;
namespace fs = std::filesystem;

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

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

const CsvRow dale::runtime::measurementColumns = {
    "run", "seed", "epoch", "area", "population", "unit", "metric", "value"};

CsvReader::CsvReader(fs::path path, std::string mend)
    : file(std::move(path)), mend(std::move(mend)), text(readTextFile(file)) {}

CsvRow CsvReader::row() {
  firstLine = nextLine;
  CsvRow fields(1);
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

void CsvReader::failHere(std::string_view message) const {
  fail("{}:{}: {}; {}", file.string(), firstLine, message, mend);
}

CsvReader dale::runtime::openMeasurements(const fs::path &file,
                                          std::string mend) {
  CsvReader reader(file, std::move(mend));
  std::string header = fmt::format("{}", fmt::join(measurementColumns, ","));
  if (reader.atEnd())
    reader.failHere("the file is empty: expected the header " + header);
  if (reader.row() != measurementColumns)
    reader.failHere("expected the header " + header);
  return reader;
}
