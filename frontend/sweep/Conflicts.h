//===- Conflicts.h - What does not go together in an experiment -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_CONFLICTS_H
#define DALE_FRONTEND_SWEEP_CONFLICTS_H

#include "frontend/sweep/Experiment.h"

namespace dale::sweep {

/// Reports values of [grid], and of a circuit's own `set`, that no run would
/// have, since an option of [training] or the seed is given to `train` instead:
/// conditions would differ in their names alone. Each at its key, with a note
/// at the option.
/// Also paths that come twice in what is the grid of one circuit, each at the
/// second, with a note at the first.
void checkConflicts(const Experiment &experiment, Reporter &reporter);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_CONFLICTS_H
