//===- Summary.h - What a run's summary.json says ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The summary of a run in JSON.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_SUMMARY_H
#define DALE_RUNTIME_TRAIN_SUMMARY_H

#include "runtime/data/Dataset.h"
#include "runtime/device/Executor.h"
#include "runtime/train/Trainee.h"

namespace dale::runtime {

/// How fast a network is trained.
struct TrainSpeed {
  /// Spent on this network in all.
  double seconds = 0;
  /// Of this network.
  double imagesPerSecond = 0;
  /// This network, and those that are trained together with it.
  int64_t sideBySide = 1;
};

/// Writes the summary of a network that is at its place, into its folder.
void writeSummary(const Trainee &trainee, const Circuit &circuit,
                  const Executor &executor, const Dataset &dataset,
                  const TrainSpeed &speed);

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_SUMMARY_H
