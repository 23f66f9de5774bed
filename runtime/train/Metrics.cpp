//===- Metrics.cpp - Measurements as a table ------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Metrics.h"

#include "runtime/Error.h"
#include "runtime/io/AtomicFile.h"
#include "runtime/io/Csv.h"

#include <charconv>
#include <cmath>

using namespace dale::runtime;
namespace fs = std::filesystem;

std::vector<int64_t> dale::runtime::answers(const Buffer &logits,
                                            ElementType element, int64_t count,
                                            int64_t classes) {
  std::vector<int64_t> result;
  for (int64_t n = 0; n < count; ++n) {
    auto logit = [&](int64_t k) {
      return loadReal(logits.data(), element, n * classes + k);
    };
    int64_t answer = 0;
    for (int64_t k = 1; k < classes; ++k)
      if (logit(k) > logit(answer))
        answer = k;
    result.push_back(answer);
  }
  return result;
}

Score dale::runtime::score(const Buffer &logits, const Buffer &labels,
                           ElementType element, int64_t count,
                           int64_t classes) {
  Score result;
  std::vector<int64_t> largest = answers(logits, element, count, classes);
  std::span<const int32_t> targets = labels.as<int32_t>();
  for (int64_t n = 0; n < count; ++n) {
    auto logit = [&](int64_t k) {
      return loadReal(logits.data(), element, n * classes + k);
    };
    int64_t answer = largest[n];
    double sum = 0;
    for (int64_t k = 0; k < classes; ++k)
      sum += std::exp(logit(k) - logit(answer));
    result.lossSum += std::log(sum) + logit(answer) - logit(targets[n]);
    result.correct += answer == targets[n];
  }
  return result;
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

enum Column { Run, Seed, Epoch, Area, Population, Unit, Metric, Value };

template <typename Number>
static bool parseNumber(const std::string &text, Number &number) {
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

void MetricsTable::readUpTo(const fs::path &path, int64_t epoch) {
  CsvReader reader =
      openMeasurements(path, "remove the file to resume without what it holds");
  while (!reader.atEnd()) {
    CsvRow row = reader.row();
    int64_t rowEpoch = 0;
    double value = 0;
    if (row.size() != measurementColumns.size() ||
        !parseNumber(row[Epoch], rowEpoch) || !parseNumber(row[Value], value))
      reader.failHere("expected 8 columns with numbers for epoch and value");
    if (rowEpoch <= epoch)
      rows.push_back(std::move(row));
  }
}

void MetricsTable::add(int64_t epoch, const Subject &subject,
                       const std::string &metric, double value) {
  rows.push_back({run, fmt::format("{}", seed), fmt::format("{}", epoch),
                  subject.area, subject.population,
                  subject.unit ? fmt::format("{}", *subject.unit) : "", metric,
                  fmt::format("{}", value)});
}

void MetricsTable::write(const fs::path &path) const {
  writeTextFile(path, formatCsv(measurementColumns, rows));
}

std::vector<std::pair<int64_t, double>>
MetricsTable::series(const std::string &metric) const {
  std::vector<std::pair<int64_t, double>> result;
  for (const std::vector<std::string> &row : rows) {
    if (row[Metric] != metric || !row[Area].empty())
      continue;
    std::pair<int64_t, double> point;
    parseNumber(row[Epoch], point.first);
    parseNumber(row[Value], point.second);
    result.push_back(point);
  }
  return result;
}
