//===- SweepRecord.h - What a sweep has of its experiment ------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_SWEEPRECORD_H
#define DALE_FRONTEND_SWEEP_SWEEPRECORD_H

#include "frontend/sweep/SweepFolder.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace dale::sweep {

/// experiment.json, by which a later sweep knows whose runs a folder holds.
std::string printExperiment(const Plan &plan);

/// run.json. `data` is an absolute path, or empty where `train` is not told.
std::string printRun(const Plan &plan, const Run &run, const std::string &data);

/// A JSON object as the text of a file.
std::string
printObject(llvm::function_ref<void(llvm::json::OStream &)> members);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_SWEEPRECORD_H
