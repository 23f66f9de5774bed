//===- InitialWeights.h - Where training begins -----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Initial values of parameters and moving averages (models.md, "initial
/// weights").
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_INITIALWEIGHTS_H
#define DALE_RUNTIME_TRAIN_INITIALWEIGHTS_H

#include "runtime/device/Model.h"

#include <cstdint>

namespace dale::runtime {

/// Sets parameters and averages as their initializers say, momenta to 0. The
/// values of a variable depend on the seed and on its name only, not on what
/// else the circuit has: variants of a circuit begin alike where they are
/// alike.
void initializeModel(Model &model, const Circuit &circuit, uint64_t seed);

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_INITIALWEIGHTS_H
