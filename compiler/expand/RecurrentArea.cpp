//===- RecurrentArea.cpp - Recurrent areas, unrolled over time -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/AreaExpansion.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

/// The gate of this kind at this site of a population, if there is one.
static const GatePlan *findGate(const PopulationPlan &population, GateSite site,
                                GateKind kind) {
  for (const GatePlan &gate : population.gates) {
    GateOp op = gate.op;
    if (op.getSite() == site && op.getKind() == kind)
      return &gate;
  }
  return nullptr;
}

static RankedTensorType mapType(const MapShape &shape, Value like) {
  return RankedTensorType::get(
      {ShapedType::kDynamic, shape.height, shape.width, shape.channels},
      cast<RankedTensorType>(like.getType()).getElementType());
}

void RecurrentArea::step(Value input) {
  ++time;
  inputs.push_back(input);
  for (unsigned index : plan.order)
    history.append({plan.index, index}, update(index));
}

Value RecurrentArea::principal() const {
  SmallVector<Value> maps;
  for (auto [index, population] : llvm::enumerate(plan.populations))
    if (PopulationOp(population.op).getPrincipal())
      maps.push_back(
          history.of({plan.index, static_cast<unsigned>(index)}).back());
  if (maps.size() == 1)
    return maps.front();
  return JoinOp::create(builders.builder, AreaOp(plan.op).getLoc(),
                        mapType(plan.map, maps.front()), maps);
}

//===----------------------------------------------------------------------===//
// Projections
//===----------------------------------------------------------------------===//

Value RecurrentArea::convolve(const ProjectionPlan &projection, Value source) {
  ProjectionOp op = projection.op;
  OpBuilder &builder = builders.builder;
  std::string name = nameOf(plan.op, op);
  // Of feedback it is a transposed convolution: one of the spread map with the
  // turned kernel.
  bool transposed = op.isFeedback();
  auto kernel = [&](StringRef factor, bool turns) -> Value {
    Value stored =
        builders.reader.readKernel(name + factor.str(), op.getConstraint());
    if (!turns)
      return stored;
    auto type = cast<RankedTensorType>(stored.getType());
    SmallVector<int64_t> shape(type.getShape());
    if (shape.size() == 4)
      std::swap(shape[2], shape[3]);
    return TurnOp::create(builder, op.getLoc(), type.clone(shape), stored);
  };
  SmallVector<int64_t> padding = samePadding(
      {plan.input.height, plan.input.width}, op.getSize(), /*stride=*/1);
  if (transposed) {
    source = spread(projection, source);
    padding.assign(4, 0);
  }
  MapShape shape = plan.input;
  shape.channels = projection.channelsOut;
  RankedTensorType type = mapType(shape, source);
  if (op.getKernel() == Kernel::Regular)
    return ConvOp::create(builder, op.getLoc(), type, source,
                          kernel(".weight", transposed), padding);
  Value factor = kernel(".depthwise", transposed);
  shape.channels = projection.channelsIn;
  Value depthwise = DepthwiseConvOp::create(
      builder, op.getLoc(), mapType(shape, source), source, factor, padding);
  return PointwiseConvOp::create(builder, op.getLoc(), type, depthwise,
                                 kernel(".pointwise", false),
                                 /*accumulator=*/Value());
}

Value RecurrentArea::spread(const ProjectionPlan &projection, Value source) {
  ProjectionOp op = projection.op;
  int64_t size = op.getSize(), stride = projection.stride;
  SmallVector<int64_t> padding =
      samePadding({plan.input.height, plan.input.width}, size, stride);
  MapShape shape = plan.input;
  shape.height += size - 1;
  shape.width += size - 1;
  shape.channels = projection.channelsIn;
  return SpreadOp::create(builders.builder, op.getLoc(), mapType(shape, source),
                          source, size - 1 - padding[0], size - 1 - padding[2],
                          stride);
}

Value RecurrentArea::sourceOf(const ProjectionPlan &projection) {
  int64_t then = time - projection.delay;
  if (then < 0)
    return Value();
  return projection.source ? history.read(*projection.source, then)
                           : inputs[then];
}

Value RecurrentArea::project(const ProjectionPlan &projection) {
  Value source = sourceOf(projection);
  return source ? convolve(projection, source) : Value();
}

Value RecurrentArea::current(Operation *target, StringRef name,
                             const MapShape &shape,
                             ArrayRef<ProjectionPlan> projections,
                             Sign positive, double offset) {
  auto isPositive = [&](const ProjectionPlan &projection) {
    return ProjectionOp(projection.op).getSign() == positive;
  };
  Value sum;
  for (const ProjectionPlan &projection : projections)
    if (isPositive(projection))
      sum = at(projection.op).add(sum, project(projection));

  Arithmetic math = at(target);
  Value bias = math.addConstant(
      builders.reader.read(nameOf(plan.op, name) + ".bias"), offset);
  Value like = sum ? sum : inputs.back();
  sum = math.add(sum, math.broadcast(bias, mapType(shape, like), like));

  for (const ProjectionPlan &projection : projections)
    if (!isPositive(projection))
      sum = at(projection.op).subtract(sum, project(projection));
  return sum;
}

//===----------------------------------------------------------------------===//
// Gates
//===----------------------------------------------------------------------===//

Value RecurrentArea::gateValue(const PopulationPlan &population,
                               const GatePlan &gate) {
  GateOp op = gate.op;
  Value sum = current(op, op.getSymName(), population.shape, gate.projections,
                      gate.effect, op.getOffset().convertToDouble());
  return at(op).activate(op.getEffectiveActivation(), sum, op.getExponent());
}

/// g ∘ x, or (1 − g) ∘ x where the gate inhibits.
Value RecurrentArea::multiplyBy(const PopulationPlan &population,
                                const GatePlan &gate, Value x) {
  if (!x)
    return Value();
  Arithmetic math = at(gate.op);
  Value value = gateValue(population, gate);
  if (gate.effect == Sign::Inhibitory)
    value = math.complement(value);
  return math.multiply(value, x);
}

/// x − g, or x + g − 1 where the gate excites.
Value RecurrentArea::subtractBy(const PopulationPlan &population,
                                const GatePlan &gate, Value x) {
  Arithmetic math = at(gate.op);
  Value value = gateValue(population, gate);
  if (gate.effect == Sign::Inhibitory)
    return math.subtract(x, value);
  return math.addConstant(math.add(x, value), -1.0);
}

//===----------------------------------------------------------------------===//
// Populations
//===----------------------------------------------------------------------===//

Value RecurrentArea::carry(const PopulationPlan &population, Value state,
                           Value &candidate) {
  if (auto *gate = findGate(population, GateSite::Memory, GateKind::Multiply))
    return multiplyBy(population, *gate, state);
  auto *gate = findGate(population, GateSite::Memory, GateKind::Leak);
  if (!gate)
    return Value();
  // f = σ(f̃ + offset), one value a channel.
  GateOp op = gate->op;
  Arithmetic math = at(op);
  Value leak = builders.reader.read(nameOf(plan.op, op.getSymName()) + ".leak");
  leak = math.addConstant(leak, op.getOffset().convertToDouble());
  leak = math.activate(Activation::Sigmoid, leak);
  candidate = math.multiply(math.broadcast(math.complement(leak), candidate),
                            candidate);
  return state ? math.multiply(math.broadcast(leak, state), state) : Value();
}

Value RecurrentArea::output(const PopulationPlan &population, Value state) {
  PopulationOp op = population.op;
  auto activate = [&](Value x) {
    return at(op).activate(op.getActivation(), x, op.getExponent());
  };
  if (auto *gate = findGate(population, GateSite::Output, GateKind::Subtract))
    return activate(subtractBy(population, *gate, state));
  if (auto *gate = findGate(population, GateSite::Output, GateKind::Multiply))
    return multiplyBy(population, *gate, activate(state));
  // What is made of activations is not activated again, unless a norm came
  // after.
  if (op.getNorm() && op.getNormSite() == NormSite::Memory)
    return activate(state);
  return state;
}

Value RecurrentArea::update(unsigned index) {
  const PopulationPlan &population = plan.populations[index];
  PopulationOp op = population.op;
  std::string name = nameOf(plan.op, op.getSymName());
  auto normalizeAt = [&](NormSite site, Value x) {
    if (NormAttr norm = op.getNormAttr(); norm && op.getNormSite() == site)
      x = builders.normalizer.normalize(op.getLoc(), name, norm, x, time);
    DropoutAttr dropout = op.getDropoutAttr();
    return dropout && dropout.getOn() == site
               ? builders.dropout.apply(op.getLoc(), dropout, x)
               : x;
  };

  Value candidate =
      current(op, op.getSymName(), population.shape, population.projections,
              /*positive=*/Sign::Excitatory, /*offset=*/0.0);
  candidate = normalizeAt(NormSite::Current, candidate);
  if (auto *gate = findGate(population, GateSite::Input, GateKind::Subtract))
    candidate = subtractBy(population, *gate, candidate);
  candidate = at(op).activate(op.getActivation(), candidate, op.getExponent());
  if (auto *gate = findGate(population, GateSite::Input, GateKind::Multiply))
    candidate = multiplyBy(population, *gate, candidate);

  Value kept = carry(population, states[index], candidate);
  Value state = normalizeAt(NormSite::Memory, at(op).add(kept, candidate));
  if (population.hasMemory())
    states[index] = state;
  Value activity = output(population, state);
  return op.getSilent()
             ? createSplat(builders.builder, op.getLoc(), 0.0, activity)
             : activity;
}
