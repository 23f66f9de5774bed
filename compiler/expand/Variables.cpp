//===- Variables.cpp - The layout of parameters and averages -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/Variables.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

std::string dale::expand::nameOf(AreaOp area, StringRef member) {
  return (area.getSymName() + "." + member).str();
}

std::string dale::expand::nameOf(AreaOp area, ProjectionOp projection) {
  return nameOf(area, projection.getSourceName() + "_to_" +
                          projection.getTarget().str());
}

//===----------------------------------------------------------------------===//
// One variable
//===----------------------------------------------------------------------===//

Attribute Variables::constant(double value) {
  return ConstantInitAttr::get(builder.getContext(),
                               builder.getF64FloatAttr(value));
}

Attribute Variables::glorot(int64_t fanIn, int64_t fanOut) {
  return GlorotUniformAttr::get(builder.getContext(), fanIn, fanOut);
}

VariableOp Variables::declareOne(Location loc, StringRef name, Section section,
                                 ArrayRef<int64_t> shape,
                                 Attribute initializer) {
  int64_t &end = sizes[static_cast<unsigned>(section)];
  auto type = RankedTensorType::get(shape, element);
  auto op =
      VariableOp::create(builder, loc, name, section, end, initializer, type);
  end += llvm::alignTo(type.getNumElements(), alignment);
  declared.push_back(op);
  ops[name] = op;
  return op;
}

//===----------------------------------------------------------------------===//
// Variables of each part of a circuit (models.md, "initial weights")
//===----------------------------------------------------------------------===//

void Variables::declareBias(Location loc, StringRef owner, int64_t channels) {
  declareOne(loc, (owner + ".bias").str(), Section::Parameter, {channels},
             constant(0.0));
}

void Variables::declareNorm(Location loc, StringRef owner, NormAttr norm,
                            int64_t channels, std::optional<int64_t> steps) {
  if (!norm)
    return;
  SmallVector<int64_t> shape;
  if (steps && !norm.getShared())
    shape.push_back(*steps);
  shape.push_back(channels);
  auto declareIn = [&](Section section, StringRef what, double value) {
    return declareOne(loc, (owner + ".norm." + what).str(), section, shape,
                      constant(value));
  };
  norms.insert(declareIn(Section::Parameter, "scale", 1.0));
  norms.insert(declareIn(Section::Parameter, "offset", 0.0));
  if (norm.getKind() == NormKind::Layer)
    return;
  declareIn(Section::Average, "mean", 0.0);
  declareIn(Section::Average, "variance", 1.0);
}

/// A separable kernel's factors are initialized each for itself: a depthwise
/// one counts fan-out k², not k²·C.
void Variables::declareProjection(AreaOp area,
                                  const ProjectionPlan &projection) {
  ProjectionOp op = projection.op;
  std::string name = nameOf(area, op);
  int64_t size = op.getSize(), window = size * size;
  int64_t in = projection.channelsIn, out = projection.channelsOut;
  if (op.getKernel() == Kernel::Regular) {
    declareOne(op.getLoc(), name + ".weight", Section::Parameter,
               {size, size, in, out}, glorot(window * in, window * out));
    return;
  }
  declareOne(op.getLoc(), name + ".depthwise", Section::Parameter,
             {size, size, in}, glorot(window * in, window));
  declareOne(op.getLoc(), name + ".pointwise", Section::Parameter, {in, out},
             glorot(in, out));
}

void Variables::declareGate(AreaOp area, const GatePlan &gate,
                            int64_t channels) {
  GateOp op = gate.op;
  std::string name = nameOf(area, op.getSymName());
  if (op.getKind() == GateKind::Leak) {
    declareOne(op.getLoc(), name + ".leak", Section::Parameter, {channels},
               glorot(channels, channels));
    return;
  }
  for (const ProjectionPlan &projection : gate.projections)
    declareProjection(area, projection);
  declareBias(op.getLoc(), name, channels);
}

void Variables::declareArea(const AreaPlan &area, int64_t steps) {
  AreaOp op = area.op;
  if (op.isFeedForward()) {
    int64_t size = op.getKernel(), in = area.input.channels;
    declareOne(
        op.getLoc(), nameOf(op, "weight"), Section::Parameter,
        {size, size, in, area.map.channels},
        TruncatedNormalAttr::get(builder.getContext(), size * size * in));
    declareNorm(op.getLoc(), op.getSymName(), op.getNormAttr(),
                area.map.channels, std::nullopt);
    return;
  }
  for (const PopulationPlan &population : area.populations) {
    PopulationOp target = population.op;
    std::string name = nameOf(op, target.getSymName());
    int64_t channels = population.shape.channels;
    for (const ProjectionPlan &projection : population.projections)
      declareProjection(op, projection);
    declareBias(target.getLoc(), name, channels);
    declareNorm(target.getLoc(), name, target.getNormAttr(), channels, steps);
    for (const GatePlan &gate : population.gates)
      declareGate(op, gate, channels);
  }
}

void Variables::declare(const CircuitPlan &plan) {
  for (const AreaPlan &area : plan.areas)
    declareArea(area, CircuitOp(plan.op).getSteps());
  ReadoutOp readout = plan.readout;
  int64_t in = plan.areas.back().output.channels;
  int64_t classes = readout.getClasses();
  declareOne(readout.getLoc(), "readout.weight", Section::Parameter,
             {in, classes}, glorot(in, classes));
  declareBias(readout.getLoc(), "readout", classes);
}
