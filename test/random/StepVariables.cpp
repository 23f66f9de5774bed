//===- StepVariables.cpp - Weights and a batch for a step -----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StepVariables.h"
#include "dialect/TensorOps.h"

using namespace mlir;
using namespace dale;
using namespace dale::test;

std::vector<StepVariable> dale::test::collectVariables(ModuleOp module) {
  std::vector<StepVariable> variables;
  for (auto op : module.getOps<VariableOp>()) {
    StepVariable variable;
    variable.name = op.getSymName().str();
    variable.isAverage = op.getSection() == Section::Average;
    variable.offset = op.getOffset();
    variable.size = cast<RankedTensorType>(op.getType()).getNumElements();
    variable.constant = NAN;
    Attribute initializer = op.getInitializer();
    if (auto constant = dyn_cast<ConstantInitAttr>(initializer))
      variable.constant = constant.getValue().getValueAsDouble();
    else if (auto glorot = dyn_cast<GlorotUniformAttr>(initializer))
      variable.deviation =
          std::sqrt(2.0 / double(glorot.getFanIn() + glorot.getFanOut()));
    else
      variable.deviation = std::sqrt(
          1.0 / double(cast<TruncatedNormalAttr>(initializer).getFanIn()));
    variables.push_back(variable);
  }
  return variables;
}

void dale::test::drawWeights(Draw &draw,
                             const std::vector<StepVariable> &variables,
                             double scale, StepBuffers &buffers) {
  for (const StepVariable &variable : variables) {
    std::vector<double> &values =
        variable.isAverage ? buffers.averages : buffers.parameters;
    for (size_t i = 0; i < variable.size; ++i) {
      double noise = draw.normal();
      double value = variable.deviation * noise;
      if (variable.constant == variable.constant)
        value = variable.constant + 0.3 * noise;
      else
        value += std::copysign(0.1 * variable.deviation, noise);
      // A variance is positive, and a scale of about zero hides what comes
      // before.
      if (variable.constant == 1)
        value = 0.5 + std::abs(value);
      values[variable.offset + i] = scale * value;
    }
  }
}
