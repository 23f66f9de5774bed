//===- Cost.cpp - Arithmetic that a circuit's definition needs -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/Cost.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

/// Multiply-adds for one pixel.
static int64_t perPixel(ArrayRef<ProjectionPlan> projections) {
  int64_t sum = 0;
  for (const ProjectionPlan &projection : projections) {
    ProjectionOp op = projection.op;
    int64_t window = op.getSize() * op.getSize();
    sum += op.getKernel() == Kernel::Separable
               ? projection.channelsIn * (window + projection.channelsOut)
               : projection.channelsIn * window * projection.channelsOut;
  }
  return sum;
}

int64_t dale::expand::countMultiplyAdds(const CircuitPlan &plan) {
  CircuitOp circuit = plan.op;
  int64_t total = 0;
  for (const AreaPlan &area : plan.areas) {
    AreaOp op = area.op;
    int64_t pixels = area.map.height * area.map.width;
    if (op.isFeedForward()) {
      int64_t window = op.getKernel() * op.getKernel();
      total += pixels * window * area.input.channels * area.map.channels;
      continue;
    }
    int64_t perStep = 0;
    for (const PopulationPlan &population : area.populations) {
      perStep += perPixel(population.projections);
      for (const GatePlan &gate : population.gates)
        perStep += perPixel(gate.projections);
    }
    total += pixels * perStep * static_cast<int64_t>(circuit.getSteps());
  }
  ReadoutOp readout = plan.readout;
  return total + plan.areas.back().output.channels *
                     static_cast<int64_t>(readout.getClasses());
}
