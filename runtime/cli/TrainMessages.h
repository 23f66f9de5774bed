//===- TrainMessages.h - What training says at its end ----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Tells of networks that were trained, or that a signal stopped.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CLI_TRAINMESSAGES_H
#define DALE_RUNTIME_CLI_TRAINMESSAGES_H

#include "runtime/cli/Program.h"
#include "runtime/train/Progress.h"
#include "runtime/train/Trainee.h"
#include "runtime/train/Trainer.h"

#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime {

/// "1 epoch", "2 epochs"
std::string counted(int64_t count, std::string_view what);

/// Says what a network has reached, or where it was stopped.
void tellEnd(Progress &progress, const Trainee &trainee,
             const TrainLimits &limits);

/// Draws the test accuracy over the epochs: the mean of the networks that have
/// finished.
void drawAccuracy(Progress &progress, const std::vector<Trainee> &trainees);

/// Says where the networks were interrupted, and how to go on.
void tellInterrupted(const Context &context,
                     const std::vector<Trainee> &trainees);

} // namespace dale::runtime

#endif // DALE_RUNTIME_CLI_TRAINMESSAGES_H
