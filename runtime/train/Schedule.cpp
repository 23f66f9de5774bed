//===- Schedule.cpp - The learning rate over epochs -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Schedule.h"

double dale::runtime::learningRateAt(double base,
                                     const std::vector<ScheduleEntry> &schedule,
                                     int64_t epoch) {
  double rate = base;
  for (const ScheduleEntry &entry : schedule)
    if (epoch >= entry.epoch)
      rate *= entry.factor;
  return rate;
}
