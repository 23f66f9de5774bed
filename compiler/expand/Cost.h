//===- Cost.h - Arithmetic that a circuit's definition needs -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_COST_H
#define DALE_COMPILER_EXPAND_COST_H

#include "compiler/expand/CircuitPlan.h"

namespace dale::expand {

/// Multiply-adds of a forward pass over one image: every convolution of the
/// equations at every time step, whether or not a compiler can save it. This is
/// what rates of computation are counted by, so that saved work counts.
int64_t countMultiplyAdds(const CircuitPlan &plan);

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_COST_H
