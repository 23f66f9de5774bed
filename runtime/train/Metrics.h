//===- Metrics.h - Measurements as a table ----------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// `metrics.csv`: one row per run, seed, epoch, area, population, unit, metric
/// and value; area, population and unit are empty for what concerns the
/// network. And the two numbers that describe a batch of logits.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_METRICS_H
#define DALE_RUNTIME_TRAIN_METRICS_H

#include "runtime/device/Buffer.h"
#include "runtime/io/ElementType.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dale::runtime {

/// What logits say about labels.
struct Score {
  /// Sum of the images' cross-entropies, in nats.
  double lossSum = 0;
  int64_t correct = 0;
};

/// The classes that `count` images are read out as: of each the largest logit,
/// the first of equal ones. Logits real [count, classes].
std::vector<int64_t> answers(const Buffer &logits, ElementType element,
                             int64_t count, int64_t classes);

/// The score of `count` images: logits real [count, classes], labels i32
/// [count].
Score score(const Buffer &logits, const Buffer &labels, ElementType element,
            int64_t count, int64_t classes);

/// What a row is about; what is left empty is that of all.
struct Subject {
  std::string area = {};
  /// Or a projection: "P_to_f".
  std::string population = {};
  std::optional<int64_t> unit = {};
};

class MetricsTable {
public:
  MetricsTable(std::string run, uint64_t seed)
      : run(std::move(run)), seed(seed) {}

  /// Takes over the rows of a file up to and with `epoch`.
  void readUpTo(const std::filesystem::path &path, int64_t epoch);

  /// Adds a row about the network.
  void add(int64_t epoch, const std::string &metric, double value) {
    add(epoch, Subject(), metric, value);
  }

  /// Adds a row about a part of it.
  void add(int64_t epoch, const Subject &subject, const std::string &metric,
           double value);

  /// Writes the table, atomically.
  void write(const std::filesystem::path &path) const;

  /// Epoch and value of all rows of a network's metric.
  std::vector<std::pair<int64_t, double>>
  series(const std::string &metric) const;

private:
  std::string run;
  uint64_t seed;
  std::vector<std::vector<std::string>> rows;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_METRICS_H
