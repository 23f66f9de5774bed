//===- Description.cpp - What only the circuit op knows -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/Description.h"
#include "compiler/expand/Cost.h"
#include "compiler/expand/Functions.h"
#include "dialect/Dialect.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

namespace {
/// Builds attributes that read like JSON.
class Json {
public:
  explicit Json(MLIRContext *context) : builder(context) {}

  Attribute number(int64_t value) { return builder.getI64IntegerAttr(value); }
  Attribute number(double value) { return builder.getF64FloatAttr(value); }
  Attribute text(StringRef value) { return builder.getStringAttr(value); }
  Attribute flag(bool value) { return builder.getBoolAttr(value); }
  Attribute list(ArrayRef<Attribute> values) {
    return builder.getArrayAttr(values);
  }
  Attribute object(ArrayRef<std::pair<StringRef, Attribute>> members) {
    NamedAttrList attributes;
    for (auto [name, value] : members)
      attributes.append(name, value);
    return attributes.getDictionary(builder.getContext());
  }

private:
  Builder builder;
};
} // namespace

static Attribute describeInput(Json json, CircuitOp circuit,
                               const MapShape &input) {
  SmallVector<std::pair<StringRef, Attribute>> members{
      {"height", json.number(input.height)},
      {"width", json.number(input.width)},
      {"channels", json.number(input.channels)},
      {"resize", json.number(circuit.getShorterSide())}};
  if (std::optional<ArrayRef<double>> means = circuit.getMeans()) {
    SmallVector<Attribute> values;
    for (double mean : *means)
      values.push_back(json.number(mean));
    members.emplace_back("means", json.list(values));
  }
  return json.object(members);
}

static Attribute describeSection(Json json, int64_t elements) {
  return json.object({{"elements", json.number(elements)}});
}

static Attribute describeResponses(Json json, const CircuitPlan &plan) {
  SmallVector<Attribute> responses;
  for (const auto &[name, shape] : listResponses(plan))
    responses.push_back(json.object(
        {{"name", json.text(name)},
         {"shape",
          json.list({json.number(shape.height), json.number(shape.width),
                     json.number(shape.channels)})}}));
  return json.list(responses);
}

static Attribute describePopulation(Json json, PopulationOp population) {
  SmallVector<std::pair<StringRef, Attribute>> members{
      {"name", json.text(population.getSymName())},
      {"principal", json.flag(population.getPrincipal())}};
  if (std::optional<Sign> sign = population.getSign())
    members.emplace_back("sign", json.text(stringifySign(*sign)));
  return json.object(members);
}

/// A projection of `area` that reaches `population`, at `site` of it: its
/// current, or what a gate acts on.
static Attribute describeProjection(Json json, AreaOp area,
                                    PopulationOp population, StringRef site,
                                    ProjectionOp projection) {
  SmallVector<std::pair<StringRef, Attribute>> members{
      {"variable", json.text(nameOf(area, projection))},
      {"source", json.text(projection.getSource())},
      {"target", json.text(projection.getTarget())},
      {"population", json.text(population.getSymName())},
      {"site", json.text(site)},
      {"range", json.text(stringifyRange(projection.getRange()))},
      {"sign", json.text(stringifySign(projection.getSign()))},
      {"constraint",
       json.text(stringifyConstraint(projection.getConstraint()))}};
  if (!projection.readsInput())
    members.emplace_back(
        "area", json.text(projection.getArea().value_or(area.getSymName())));
  return json.object(members);
}

/// The recurrent areas: what a feed-forward one has is in no population.
static Attribute describeAreas(Json json, const CircuitPlan &plan) {
  SmallVector<Attribute> areas;
  for (const AreaPlan &area : plan.areas) {
    AreaOp op = area.op;
    if (op.isFeedForward())
      continue;
    SmallVector<Attribute> populations, projections;
    for (const PopulationPlan &population : area.populations) {
      PopulationOp target = population.op;
      populations.push_back(describePopulation(json, target));
      for (const ProjectionPlan &projection : population.projections)
        projections.push_back(
            describeProjection(json, op, target, "current", projection.op));
      for (const GatePlan &gate : population.gates)
        for (const ProjectionPlan &projection : gate.projections)
          projections.push_back(describeProjection(
              json, op, target, stringifyGateSite(GateOp(gate.op).getSite()),
              projection.op));
    }
    areas.push_back(json.object({{"name", json.text(op.getSymName())},
                                 {"populations", json.list(populations)},
                                 {"projections", json.list(projections)}}));
  }
  return json.list(areas);
}

static Attribute describeAugmentation(Json json, TrainingOp training) {
  SmallVector<std::pair<StringRef, Attribute>> members{
      {"pad", json.number(static_cast<int64_t>(training.getPad()))},
      {"flip", json.flag(training.getFlip())}};
  auto add = [&](StringRef name, std::optional<ArrayRef<double>> range) {
    if (range)
      members.emplace_back(name, json.list({json.number(range->front()),
                                            json.number(range->back())}));
  };
  add("area", training.getArea());
  add("aspect", training.getAspect());
  return json.object(members);
}

static Attribute describeTraining(Json json, TrainingOp training) {
  double factor = training.getFactor().convertToDouble();
  SmallVector<Attribute> schedule;
  for (int64_t epoch : training.getMilestones())
    schedule.push_back(json.object(
        {{"epoch", json.number(epoch)}, {"factor", json.number(factor)}}));
  auto integer = [&](uint64_t value) {
    return json.number(static_cast<int64_t>(value));
  };
  auto real = [&](const APFloat &value) {
    return json.number(value.convertToDouble());
  };
  return json.object({{"dataset", json.text(training.getDataset())},
                      {"batch", integer(training.getBatch())},
                      {"epochs", integer(training.getEpochs())},
                      {"learning_rate", real(training.getLearningRate())},
                      {"schedule", json.list(schedule)},
                      {"momentum", real(training.getMomentum())},
                      {"l2", real(training.getL2())},
                      {"augment", describeAugmentation(json, training)},
                      {"fraction", real(training.getFraction())},
                      {"random_labels", json.flag(training.getRandomLabels())},
                      {"seed", integer(training.getSeed())}});
}

/// Operations by function; a multiply-add counts as two, and a training step as
/// three forward passes.
static Attribute describeFlops(Json json, const CircuitPlan &plan) {
  int64_t forward = 2 * countMultiplyAdds(plan);
  return json.object({{"train_step", json.number(3 * forward)},
                      {"evaluate", json.number(forward)},
                      {"respond", json.number(forward)}});
}

void dale::expand::describe(ModuleOp module, const CircuitPlan &plan,
                            const Variables &variables, FloatType element) {
  Json json(module.getContext());
  CircuitOp circuit = plan.op;
  ReadoutOp readout = plan.readout;
  SmallVector<std::pair<StringRef, Attribute>> members{
      {"element", json.text(element.isF64() ? "f64" : "f32")},
      {"steps", json.number(static_cast<int64_t>(circuit.getSteps()))},
      {"input", describeInput(json, circuit, plan.input())},
      {"classes", json.number(static_cast<int64_t>(readout.getClasses()))},
      {"parameters", describeSection(json, variables.size(Section::Parameter))},
      {"averages", describeSection(json, variables.size(Section::Average))},
      {"responses", describeResponses(json, plan)},
      {"areas", describeAreas(json, plan)},
      {"flops_per_image", describeFlops(json, plan)}};
  if (plan.training)
    members.emplace_back("training", describeTraining(json, plan.training));
  module->setAttr(nameAttrName, json.text(circuit.getSymName()));
  module->setAttr(descriptionAttrName, json.object(members));
}
