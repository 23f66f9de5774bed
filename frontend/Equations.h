//===- Equations.h - A circuit as equations -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_EQUATIONS_H
#define DALE_FRONTEND_EQUATIONS_H

#include "dialect/CircuitOps.h"
#include <string>

namespace dale {

/// What a circuit computes, written as in docs/models.md: in the order in which
/// it is computed, with `_t` for this time step and nothing for the one before.
std::string printEquations(CircuitOp circuit);

} // namespace dale

#endif // DALE_FRONTEND_EQUATIONS_H
