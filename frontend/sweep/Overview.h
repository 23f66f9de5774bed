//===- Overview.h - What a sweep says of itself -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_OVERVIEW_H
#define DALE_FRONTEND_SWEEP_OVERVIEW_H

#include "frontend/sweep/Estimate.h"
#include "frontend/sweep/SweepFolder.h"

namespace dale::sweep {

/// Prints what is to be run: the conditions, the circuits to compile, the runs
/// and how they stand, and how long what is left takes.
void printOverview(const SweepFolder &folder, const Plan &plan,
                   llvm::ArrayRef<RunState> states, const Estimate &estimate,
                   size_t jobs);

/// Prints how many runs are done, and which have failed and why.
void printSummary(const SweepFolder &folder, const Plan &plan,
                  llvm::ArrayRef<RunState> states);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_OVERVIEW_H
