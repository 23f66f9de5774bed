//===- Trainee.h - A network that is trained --------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// All that a network has of its own while it is trained beside others.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_TRAINEE_H
#define DALE_RUNTIME_TRAIN_TRAINEE_H

#include "runtime/device/Model.h"
#include "runtime/train/Checkpoint.h"
#include "runtime/train/Metrics.h"
#include "runtime/train/RunFolder.h"

#include <compare>
#include <string>
#include <utility>

namespace dale::runtime {

/// How far training has come: complete epochs, and steps of the next one.
struct TrainPlace {
  int64_t epoch = 0;
  int64_t step = 0;

  auto operator<=>(const TrainPlace &) const = default;
};

struct Trainee {
  /// For messages, where there are several: "seed 3". Otherwise empty.
  std::string name;
  TrainSettings settings;
  RunFolder folder;
  Model model;
  TrainState state;
  MetricsTable metrics;
  /// Spent on it until its Trainer began.
  double seconds = 0;
  /// Why it cannot be trained on, or empty.
  std::string failure = {};

  TrainPlace place() const { return {state.epoch, state.step}; }
  bool finished() const { return state.epoch >= settings.epochs; }
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_TRAINEE_H
