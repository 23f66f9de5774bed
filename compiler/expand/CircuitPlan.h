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

/// Where a population stands: its area in the circuit, itself in its area.
struct PopulationIndex {
  unsigned area, population;
};

/// A projection with its shapes and its timing.
struct ProjectionPlan {
  ProjectionOp op;
  /// None for the input.
  std::optional<PopulationIndex> source;
  int64_t channelsIn = 0, channelsOut = 0;
  /// How many times smaller the source's maps are: those of areas above.
  int64_t stride = 1;
  int64_t delay = 0;
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
  /// Its place in the circuit.
  unsigned index = 0;
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
