//===- Sweep.h - dale sweep -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TOOLS_SWEEP_H
#define DALE_FRONTEND_TOOLS_SWEEP_H

#include "frontend/tools/SweepOptions.h"
#include "mlir/IR/MLIRContext.h"

namespace dale {

/// Runs an experiment. Returns the exit code; whatever is wrong has been told.
int sweepExperiment(mlir::MLIRContext &context, const SweepOptions &options);

/// Does a worker's part of one.
int sweepWorker(const SweepOptions &options);

} // namespace dale

#endif // DALE_FRONTEND_TOOLS_SWEEP_H
