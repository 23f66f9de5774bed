//===- Analyzer.h - Measuring a network -------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Measures all that there is to be measured of a network.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_ANALYSIS_ANALYZER_H
#define DALE_RUNTIME_ANALYSIS_ANALYZER_H

#include "runtime/analysis/Analysis.h"
#include "runtime/analysis/SavedTensors.h"
#include "runtime/device/Model.h"
#include "runtime/train/Progress.h"

#include <cmath>
#include <optional>

namespace dale::runtime {

struct AnalysisSettings {
  /// Images at a time.
  int64_t batch = 128;
  /// Of the connection density, and whether weights are averaged over space
  /// before.
  double threshold = std::exp(-10.0);
  bool average = true;
};

/// Analyzes a model with the images of `test`; the numbers depend neither on
/// the batch nor on the threads, and no more is kept of an image than its
/// moments. What it keeps of responses and kernels goes to
/// `file`, unless it is null. Nothing if a signal has stopped it.
std::optional<Analysis> analyze(const Circuit &circuit, Executor &executor,
                                Model &model, const ImageSet &test,
                                const AnalysisSettings &settings,
                                SavedTensorsFile *file, Progress &progress);

} // namespace dale::runtime

#endif // DALE_RUNTIME_ANALYSIS_ANALYZER_H
