//===- Residency.h - Images that lie on the device --------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Decides which images of a data set the device keeps.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_RESIDENCY_H
#define DALE_RUNTIME_TRAIN_RESIDENCY_H

#include "runtime/data/Dataset.h"
#include "runtime/device/Executor.h"
#include "runtime/train/Checkpoint.h"

namespace dale::runtime {

/// Of which sets batches only have to pick.
struct Residency {
  bool train = false;
  bool test = false;
  /// Whether the training set would be there if there were room for it, so that
  /// each batch has to be sent.
  bool lacksRoom = false;
};

/// Takes the sets to the device, where there is room. Call
/// Executor::reserve() for what else is needed before.
Residency makeResident(Executor &executor, const Circuit &circuit,
                       const Dataset &dataset, const TrainSettings &settings);

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_RESIDENCY_H
