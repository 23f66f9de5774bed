//===- Network.cpp - The whole network in one function -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/Network.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

Network::Network(OpBuilder &builder, const CircuitPlan &plan,
                 const Variables &variables, Mode mode, const Inputs &inputs)
    : plan(plan),
      reader(builder, variables, inputs.parameters, inputs.averages),
      normalizer(builder, variables, reader, mode, inputs.count),
      dropout(builder, inputs.keys), builders{builder, reader, normalizer,
                                              dropout},
      history(plan) {
  logits = buildReadout(unroll(inputs.images));
}

/// Feed-forward areas run once. Within a time step each recurrent area reads
/// what the one below computes in the same step.
Value Network::unroll(Value images) {
  Value below = images, map = images;
  for (const AreaPlan &area : plan.areas) {
    if (!AreaOp(area.op).isFeedForward()) {
      recurrent.emplace_back(builders, area, history);
      continue;
    }
    map = expandFeedForward(builders, area, below);
    below = pool(builders, area, map);
  }

  ReadoutOp readout = plan.readout;
  bool sums = readout.getTime() == ReadoutTime::Sum;
  Arithmetic math(builders.builder, readout.getLoc());
  Value read;
  for (int64_t t = 0, steps = CircuitOp(plan.op).getSteps(); t < steps; ++t) {
    Value input = below;
    for (auto [index, area] : llvm::enumerate(recurrent)) {
      if (index > 0)
        input = pool(builders, recurrent[index - 1].getPlan(), map);
      area.step(input);
      map = area.principal();
    }
    read = sums ? math.add(read, map) : map;
  }
  return read;
}

/// Pool, mean over space, dense layer (models.md, "read-out").
Value Network::buildReadout(Value map) {
  ReadoutOp op = plan.readout;
  OpBuilder &builder = builders.builder;
  Arithmetic math(builder, op.getLoc());
  const AreaPlan &area = plan.areas.back();
  Value sum = math.reduce(pool(builders, area, map), {1, 2});
  Value mean = math.scale(sum, 1.0 / (area.output.height * area.output.width));
  Value weight = reader.read("readout.weight");
  auto type = RankedTensorType::get(
      {ShapedType::kDynamic, static_cast<int64_t>(op.getClasses())},
      cast<RankedTensorType>(map.getType()).getElementType());
  Value product = PointwiseConvOp::create(builder, op.getLoc(), type, mean,
                                          weight, /*accumulator=*/Value());
  return math.add(product,
                  math.broadcast(reader.read("readout.bias"), product));
}

SmallVector<Value> Network::buildResponses() {
  SmallVector<Value> responses;
  for (const AreaPlan &area : plan.areas)
    for (auto [index, population] : llvm::enumerate(area.populations)) {
      Arithmetic math(builders.builder, PopulationOp(population.op).getLoc());
      ArrayRef<Value> activities =
          history.of({area.index, static_cast<unsigned>(index)});
      Value sum;
      for (Value activity : activities)
        sum = math.add(sum, activity);
      responses.push_back(math.scale(sum, 1.0 / activities.size()));
    }
  return responses;
}
