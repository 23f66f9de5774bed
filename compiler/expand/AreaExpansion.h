//===- AreaExpansion.h - One area's computation on tensors -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_AREAEXPANSION_H
#define DALE_COMPILER_EXPAND_AREAEXPANSION_H

#include "compiler/expand/Arithmetic.h"
#include "compiler/expand/CircuitPlan.h"
#include "compiler/expand/Dropout.h"
#include "compiler/expand/History.h"
#include "compiler/expand/Normalizer.h"

namespace dale::expand {

/// What all areas of one function build with.
struct Builders {
  mlir::OpBuilder &builder;
  VariableReader &reader;
  Normalizer &normalizer;
  Dropout &dropout;
};

/// What the next area reads of a map that leaves `area`.
mlir::Value pool(const Builders &builders, const AreaPlan &area,
                 mlir::Value map);

/// The map that leaves a feed-forward area, before its pool.
mlir::Value expandFeedForward(const Builders &builders, const AreaPlan &area,
                              mlir::Value input);

/// A recurrent area, unrolled one time step after the other.
class RecurrentArea {
public:
  /// `history` holds what all areas did, and gets what this one does.
  RecurrentArea(const Builders &builders, const AreaPlan &plan,
                History &history)
      : builders(builders), plan(plan), history(history),
        states(plan.populations.size()) {}

  /// Computes the next time step of all populations.
  void step(mlir::Value input);

  /// The map that left the area at the last step, before its pool: the activity
  /// of its principal populations.
  mlir::Value principal() const;

  const AreaPlan &getPlan() const { return plan; }

private:
  /// The activity of a population at this step.
  mlir::Value update(unsigned index);
  /// What the gates on its memory leave of a population's state. Where a gate
  /// is a leak, it also takes the leak's share of `candidate`.
  mlir::Value carry(const PopulationPlan &population, mlir::Value state,
                    mlir::Value &candidate);
  /// The activity that a population shows of its state.
  mlir::Value output(const PopulationPlan &population, mlir::Value state);

  /// A population's or a gate's current: its projections and its bias.
  /// Projections of sign `positive` add to it, the others subtract.
  mlir::Value current(mlir::Operation *target, llvm::StringRef name,
                      const MapShape &shape,
                      llvm::ArrayRef<ProjectionPlan> projections, Sign positive,
                      double offset);
  /// What a projection carries at this step; null where that is zero.
  mlir::Value project(const ProjectionPlan &projection);
  /// What it reads; null likewise.
  mlir::Value sourceOf(const ProjectionPlan &projection);
  /// The source of feedback, at the size of this area with room for the kernel.
  mlir::Value spread(const ProjectionPlan &projection, mlir::Value source);
  mlir::Value convolve(const ProjectionPlan &projection, mlir::Value source);

  mlir::Value gateValue(const PopulationPlan &population, const GatePlan &gate);
  mlir::Value multiplyBy(const PopulationPlan &population, const GatePlan &gate,
                         mlir::Value x);
  mlir::Value subtractBy(const PopulationPlan &population, const GatePlan &gate,
                         mlir::Value x);

  Arithmetic at(mlir::Operation *op) const {
    return Arithmetic(builders.builder, op->getLoc());
  }

  const Builders &builders;
  const AreaPlan &plan;
  History &history;
  int64_t time = -1;
  /// By time step.
  llvm::SmallVector<mlir::Value> inputs;
  /// By population: its memory after the last step; null before the first.
  llvm::SmallVector<mlir::Value> states;
};

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_AREAEXPANSION_H
