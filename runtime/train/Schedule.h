//===- Schedule.h - The learning rate over epochs ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The learning rate of an epoch.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_SCHEDULE_H
#define DALE_RUNTIME_TRAIN_SCHEDULE_H

#include "runtime/circuit/Circuit.h"

#include <cstdint>
#include <vector>

namespace dale::runtime {

/// The learning rate of epoch `epoch`, counted from 0: `base` times the factors
/// of all entries whose epoch has come.
double learningRateAt(double base, const std::vector<ScheduleEntry> &schedule,
                      int64_t epoch);

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_SCHEDULE_H
