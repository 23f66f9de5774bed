//===- CircuitPlan.cpp - A circuit with all that it leaves unsaid -*- C++
//-*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/CircuitPlan.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

bool PopulationPlan::hasMemory() const {
  return llvm::any_of(gates, [](const GatePlan &gate) {
    return GateOp(gate.op).getSite() == GateSite::Memory;
  });
}

//===----------------------------------------------------------------------===//
// Areas
//===----------------------------------------------------------------------===//

namespace {
/// Plans the area above one that leaves a map of shape `input`.
class AreaPlanner {
public:
  AreaPlanner(AreaOp area, MapShape input) : area(area) {
    plan.op = area;
    plan.input = plan.map = input;
  }

  AreaPlan run();

private:
  void planPopulations();
  GatePlan planGate(GateOp gate, const MapShape &shape);
  std::vector<ProjectionPlan> planProjections(StringRef target,
                                              int64_t channels);
  void orderPopulations();

  AreaOp area;
  AreaPlan plan;
  llvm::StringMap<unsigned> indices;
};
} // namespace

AreaPlan AreaPlanner::run() {
  if (area.isFeedForward()) {
    int64_t stride = area.getStride();
    plan.map = {llvm::divideCeilSigned(plan.input.height, stride),
                llvm::divideCeilSigned(plan.input.width, stride),
                static_cast<int64_t>(*area.getChannels())};
  } else {
    planPopulations();
    orderPopulations();
    plan.map.channels = 0;
    for (const PopulationPlan &population : plan.populations)
      if (PopulationOp(population.op).getPrincipal())
        plan.map.channels += population.shape.channels;
  }
  plan.output = plan.map;
  if (PoolAttr pool = area.getPoolAttr()) {
    plan.output.height =
        llvm::divideCeilSigned(plan.map.height, pool.getStride());
    plan.output.width =
        llvm::divideCeilSigned(plan.map.width, pool.getStride());
  }
  return std::move(plan);
}

void AreaPlanner::planPopulations() {
  for (auto op : area.getBody().getOps<PopulationOp>()) {
    indices[op.getSymName()] = plan.populations.size();
    MapShape shape = plan.input;
    shape.channels = op.getChannels();
    plan.populations.push_back({op, shape, {}, {}});
  }
  for (PopulationPlan &population : plan.populations)
    population.projections =
        planProjections(population.op.getSymName(), population.shape.channels);
  for (auto op : area.getBody().getOps<GateOp>()) {
    PopulationPlan &population = plan.populations[indices.at(op.getOn())];
    population.gates.push_back(planGate(op, population.shape));
  }
}

GatePlan AreaPlanner::planGate(GateOp gate, const MapShape &shape) {
  return {gate, gate.getEffectiveEffect().value_or(Sign::Excitatory),
          planProjections(gate.getSymName(), shape.channels)};
}

std::vector<ProjectionPlan> AreaPlanner::planProjections(StringRef target,
                                                         int64_t channels) {
  std::vector<ProjectionPlan> projections;
  for (auto op : area.getBody().getOps<ProjectionOp>()) {
    if (op.getTarget() != target)
      continue;
    ProjectionPlan projection;
    projection.op = op;
    projection.channelsIn = plan.input.channels;
    projection.channelsOut = channels;
    projection.delay = op.getEffectiveDelay();
    if (!op.readsInput() && !op.isFeedback()) {
      projection.source = indices.at(op.getSource());
      projection.channelsIn =
          plan.populations[*projection.source].shape.channels;
    }
    projections.push_back(projection);
  }
  return projections;
}

/// A population comes after those that it reads, itself or through its gates,
/// within the step. The verifier has refused cycles.
void AreaPlanner::orderPopulations() {
  SmallVector<bool> placed(plan.populations.size(), false);
  auto isReady = [&](ArrayRef<ProjectionPlan> projections) {
    return llvm::all_of(projections, [&](const ProjectionPlan &projection) {
      return projection.delay > 0 || !projection.isLocal() ||
             placed[*projection.source];
    });
  };
  while (plan.order.size() < plan.populations.size()) {
    size_t before = plan.order.size();
    for (auto [index, population] : llvm::enumerate(plan.populations)) {
      if (placed[index] || !isReady(population.projections) ||
          !llvm::all_of(population.gates, [&](const GatePlan &gate) {
            return isReady(gate.projections);
          }))
        continue;
      placed[index] = true;
      plan.order.push_back(index);
    }
    if (plan.order.size() == before)
      llvm::report_fatal_error("populations depend on each other within a "
                               "time step");
  }
}

//===----------------------------------------------------------------------===//
// The whole circuit
//===----------------------------------------------------------------------===//

/// Resolves the source of a projection from an area above.
static void planFeedback(const CircuitPlan &plan, unsigned target,
                         ProjectionPlan &projection) {
  ProjectionOp op = projection.op;
  for (unsigned index = target + 1; index < plan.areas.size(); ++index) {
    const AreaPlan &below = plan.areas[index - 1], &area = plan.areas[index];
    if (PoolAttr pool = AreaOp(below.op).getPoolAttr())
      projection.stride *= pool.getStride();
    if (AreaOp(area.op).getSymName() != *op.getArea())
      continue;
    projection.above = index;
    for (auto [i, population] : llvm::enumerate(area.populations))
      if (PopulationOp(population.op).getSymName() == op.getSource()) {
        projection.source = i;
        projection.channelsIn = population.shape.channels;
      }
    return;
  }
}

static void planFeedback(CircuitPlan &plan) {
  for (auto [index, area] : llvm::enumerate(plan.areas))
    for (PopulationPlan &population : area.populations) {
      auto planAll = [&](std::vector<ProjectionPlan> &projections) {
        for (ProjectionPlan &projection : projections)
          if (ProjectionOp(projection.op).isFeedback())
            planFeedback(plan, index, projection);
      };
      planAll(population.projections);
      for (GatePlan &gate : population.gates)
        planAll(gate.projections);
    }
}

CircuitPlan dale::expand::planCircuit(CircuitOp circuit) {
  CircuitPlan plan;
  plan.op = circuit;
  ArrayRef<int64_t> input = circuit.getInput();
  MapShape below{input[0], input[1], input[2]};
  for (Operation &op : circuit.getBody().getOps()) {
    if (auto area = dyn_cast<AreaOp>(op)) {
      plan.areas.push_back(AreaPlanner(area, below).run());
      below = plan.areas.back().output;
    } else if (auto readout = dyn_cast<ReadoutOp>(op)) {
      plan.readout = readout;
    } else if (auto training = dyn_cast<TrainingOp>(op)) {
      plan.training = training;
    }
  }
  planFeedback(plan);
  return plan;
}
