//===- History.h - What populations did -------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_HISTORY_H
#define DALE_COMPILER_EXPAND_HISTORY_H

#include "compiler/expand/CircuitPlan.h"
#include "mlir/IR/Value.h"

namespace dale::expand {

/// The activity of all populations of a circuit at each time step so far. All
/// areas write to one: by feedback they read what those above them did.
class History {
public:
  explicit History(const CircuitPlan &plan) : plan(plan) {
    for (const AreaPlan &area : plan.areas)
      activities.emplace_back(area.populations.size());
  }

  /// What a population does at its next step.
  void append(PopulationIndex index, mlir::Value activity) {
    activities[index.area][index.population].push_back(activity);
  }

  /// By time step.
  llvm::ArrayRef<mlir::Value> of(PopulationIndex index) const {
    return activities[index.area][index.population];
  }

  /// What projections read; null for a lesion: nothing is computed with what is
  /// zero.
  mlir::Value read(PopulationIndex index, int64_t time) const {
    PopulationOp op = plan.areas[index.area].populations[index.population].op;
    return op.getSilent() ? mlir::Value() : of(index)[time];
  }

private:
  const CircuitPlan &plan;
  /// By area, population and time step.
  std::vector<std::vector<llvm::SmallVector<mlir::Value>>> activities;
};

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_HISTORY_H
