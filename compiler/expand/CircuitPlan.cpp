//===- CircuitPlan.cpp - A circuit with all that it leaves unsaid ---------===//
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
// Areas and their populations
//===----------------------------------------------------------------------===//

/// The area above one that leaves a map of shape `input`, without projections.
static AreaPlan planArea(AreaOp area, unsigned index, MapShape input) {
  AreaPlan plan;
  plan.op = area;
  plan.index = index;
  plan.input = plan.map = input;
  if (area.isFeedForward()) {
    int64_t stride = area.getStride();
    plan.map = {llvm::divideCeilSigned(input.height, stride),
                llvm::divideCeilSigned(input.width, stride),
                static_cast<int64_t>(*area.getChannels())};
  } else {
    plan.map.channels = 0;
    for (auto op : area.getBody().getOps<PopulationOp>()) {
      MapShape shape = input;
      shape.channels = op.getChannels();
      plan.populations.push_back({op, shape, {}, {}});
      if (op.getPrincipal())
        plan.map.channels += shape.channels;
    }
  }
  plan.output = plan.map;
  if (PoolAttr pool = area.getPoolAttr()) {
    plan.output.height =
        llvm::divideCeilSigned(plan.map.height, pool.getStride());
    plan.output.width =
        llvm::divideCeilSigned(plan.map.width, pool.getStride());
  }
  return plan;
}

/// The place of a population in its area.
static unsigned indexOf(const AreaPlan &area, StringRef name) {
  auto it =
      llvm::find_if(area.populations, [&](const PopulationPlan &population) {
        return PopulationOp(population.op).getSymName() == name;
      });
  assert(it != area.populations.end() && "the verifier has found it");
  return it - area.populations.begin();
}

//===----------------------------------------------------------------------===//
// Projections
//===----------------------------------------------------------------------===//

namespace {
/// Plans what happens in an area, when the populations of all are known.
class ProjectionPlanner {
public:
  ProjectionPlanner(ArrayRef<AreaPlan> areas, AreaPlan &plan)
      : areas(areas), plan(plan), area(plan.op) {}

  void run();

private:
  GatePlan planGate(GateOp gate, const MapShape &shape);
  std::vector<ProjectionPlan> planProjections(StringRef target,
                                              int64_t channels);
  void planSource(ProjectionPlan &projection);
  void orderPopulations();

  ArrayRef<AreaPlan> areas;
  AreaPlan &plan;
  AreaOp area;
};
} // namespace

void ProjectionPlanner::run() {
  for (PopulationPlan &population : plan.populations)
    population.projections =
        planProjections(population.op.getSymName(), population.shape.channels);
  for (auto op : area.getBody().getOps<GateOp>()) {
    PopulationPlan &population = plan.populations[indexOf(plan, op.getOn())];
    population.gates.push_back(planGate(op, population.shape));
  }
  orderPopulations();
}

GatePlan ProjectionPlanner::planGate(GateOp gate, const MapShape &shape) {
  return {gate, gate.getEffectiveEffect().value_or(Sign::Excitatory),
          planProjections(gate.getSymName(), shape.channels)};
}

std::vector<ProjectionPlan>
ProjectionPlanner::planProjections(StringRef target, int64_t channels) {
  std::vector<ProjectionPlan> projections;
  for (auto op : area.getBody().getOps<ProjectionOp>()) {
    if (op.getTarget() != target)
      continue;
    ProjectionPlan projection;
    projection.op = op;
    projection.channelsIn = plan.input.channels;
    projection.channelsOut = channels;
    projection.delay = op.getEffectiveDelay();
    if (!op.readsInput())
      planSource(projection);
    projections.push_back(projection);
  }
  return projections;
}

void ProjectionPlanner::planSource(ProjectionPlan &projection) {
  ProjectionOp op = projection.op;
  StringRef name = op.isFeedback() ? *op.getArea() : area.getSymName();
  unsigned index = plan.index;
  for (; AreaOp(areas[index].op).getSymName() != name; ++index)
    if (PoolAttr pool = AreaOp(areas[index].op).getPoolAttr())
      projection.stride *= pool.getStride();
  projection.source = {index, indexOf(areas[index], op.getSource())};
  projection.channelsIn =
      areas[index].populations[projection.source->population].shape.channels;
}

/// A population comes after those that it reads, itself or through its gates,
/// within the step: they are of its area. The verifier has refused cycles.
void ProjectionPlanner::orderPopulations() {
  SmallVector<bool> placed(plan.populations.size(), false);
  auto isReady = [&](ArrayRef<ProjectionPlan> projections) {
    return llvm::all_of(projections, [&](const ProjectionPlan &projection) {
      return projection.delay > 0 || !projection.source ||
             placed[projection.source->population];
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

CircuitPlan dale::expand::planCircuit(CircuitOp circuit) {
  CircuitPlan plan;
  plan.op = circuit;
  ArrayRef<int64_t> input = circuit.getInput();
  MapShape below{input[0], input[1], input[2]};
  for (Operation &op : circuit.getBody().getOps()) {
    if (auto area = dyn_cast<AreaOp>(op)) {
      plan.areas.push_back(planArea(area, plan.areas.size(), below));
      below = plan.areas.back().output;
    } else if (auto readout = dyn_cast<ReadoutOp>(op)) {
      plan.readout = readout;
    } else if (auto training = dyn_cast<TrainingOp>(op)) {
      plan.training = training;
    }
  }
  for (AreaPlan &area : plan.areas)
    if (!area.op.isFeedForward())
      ProjectionPlanner(plan.areas, area).run();
  return plan;
}
