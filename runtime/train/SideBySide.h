//===- SideBySide.h - Networks that catch up with each other ----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Trains networks side by side that need not be at the same place, as those of
/// a run that was killed while it wrote their checkpoints.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_SIDEBYSIDE_H
#define DALE_RUNTIME_TRAIN_SIDEBYSIDE_H

#include "runtime/train/Trainer.h"

namespace dale::runtime {

/// Whether two networks can be trained by one Trainer, once they are at the
/// same place: their settings differ by the seed at most.
bool trainAlike(const TrainSettings &a, const TrainSettings &b);

/// Trains all networks, which train alike, until each is done, is stopped or
/// has failed (Trainee::failure). Those that are behind come first, until they
/// have caught up with the next ones.
TrainOutcome trainSideBySide(const Circuit &circuit, Executor &executor,
                             const Dataset &dataset,
                             std::vector<Trainee *> networks,
                             const TrainLimits &limits, Progress &progress);

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_SIDEBYSIDE_H
