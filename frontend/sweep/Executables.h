//===- Executables.h - Circuits that are compiled once -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_EXECUTABLES_H
#define DALE_FRONTEND_SWEEP_EXECUTABLES_H

#include "frontend/sweep/SweepFolder.h"
#include <set>

namespace dale::sweep {

/// The numbers of the executables whose runs are not all done.
std::set<size_t> executablesToUse(const Plan &plan,
                                  llvm::ArrayRef<RunState> states);

/// Compiles the circuits of a plan that runs in `states` wait for, unless their
/// executables are there: made of the same circuit, with the same options, by
/// this very dale. Runs whose circuit cannot be compiled fail, for the reason
/// that their logs then tell. False if a signal came.
bool compileExecutables(const SweepFolder &folder, const Plan &plan,
                        std::vector<RunState> &states, size_t jobs);

/// Whether an executable is there, and what this dale would make of it.
bool isCompiled(const SweepFolder &folder, const Plan &plan,
                const Executable &executable);

/// This program.
std::string ownProgram();

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_EXECUTABLES_H
