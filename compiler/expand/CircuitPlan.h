//===- CircuitPlan.h - A circuit with all that it leaves unsaid -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_CIRCUITPLAN_H
#define DALE_COMPILER_EXPAND_CIRCUITPLAN_H

#include "dialect/CircuitOps.h"
#include <vector>

namespace dale::expand {

/// Height, width and channels of one image's map.
struct MapShape {
  int64_t height = 0, width = 0, channels = 0;
};

/// A projection with its shapes and its timing.
struct ProjectionPlan {
  ProjectionOp op;
  int64_t channelsIn = 0, channelsOut = 0;
  /// Index of the source among its area's populations; none for the input.
  std::optional<unsigned> source;
  /// Where the source is in an area above: that area's index in the circuit,
  /// and how many times smaller its maps are.
  std::optional<unsigned> above;
  int64_t stride = 1;
  int64_t delay = 0;

  /// Whether the source is a population of the target's area.
  bool isLocal() const { return source && !above; }
};

/// A gate, what it does to its population, and what drives it.
struct GatePlan {
  GateOp op;
  Sign effect;
  std::vector<ProjectionPlan> projections;
};

struct PopulationPlan {
  PopulationOp op;
  MapShape shape;
  std::vector<GatePlan> gates;
  std::vector<ProjectionPlan> projections;

  bool hasMemory() const;
};

struct AreaPlan {
  AreaOp op;
  /// What the area reads, what leaves it before its pool, and after it.
  MapShape input, map, output;
  /// Of a recurrent area: its populations as they are declared, and an order in
  /// which they can be computed within a time step.
  std::vector<PopulationPlan> populations;
  llvm::SmallVector<unsigned> order;
};

struct CircuitPlan {
  CircuitOp op;
  ReadoutOp readout;
  TrainingOp training; ///< Null where the circuit does not say.
  std::vector<AreaPlan> areas;

  MapShape input() const { return areas.front().input; }
};

/// Resolves names, shapes, delays and the order of computation. The circuit has
/// passed its verifiers.
CircuitPlan planCircuit(CircuitOp circuit);

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_CIRCUITPLAN_H
