//===- CircuitOps.cpp - Ops that mirror a circuit file -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/CircuitOps.h"
#include "dialect/Keyword.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace dale;

//===----------------------------------------------------------------------===//
// What an op leaves unsaid
//===----------------------------------------------------------------------===//

Activation GateOp::getEffectiveActivation() {
  if (std::optional<Activation> declared = getActivation())
    return *declared;
  return getKind() == GateKind::Subtract ? Activation::Relu
                                         : Activation::Sigmoid;
}

std::optional<Sign> GateOp::getEffectiveEffect() {
  if (std::optional<Sign> declared = getEffect())
    return declared;
  if (getSite() == GateSite::Memory)
    return Sign::Excitatory;
  SmallVector<Sign> local, any;
  auto area = cast<AreaOp>((*this)->getParentOp());
  for (ProjectionOp projection : area.getBody().getOps<ProjectionOp>()) {
    if (projection.getTarget() != getSymName())
      continue;
    any.push_back(projection.getSign());
    if (projection.getRange() == Range::Local)
      local.push_back(projection.getSign());
  }
  ArrayRef<Sign> drivers = local.empty() ? any : local;
  if (drivers.empty() || !llvm::all_equal(drivers))
    return std::nullopt;
  return drivers.front();
}

std::string ProjectionOp::getSourceName() {
  return isFeedback() ? (*getArea() + "." + getSource()).str()
                      : getSource().str();
}

int64_t ProjectionOp::getEffectiveDelay() {
  if (std::optional<uint64_t> declared = getDelay())
    return *declared;
  if (isFeedback())
    return 1;
  auto area = cast<AreaOp>((*this)->getParentOp());
  return llvm::any_of(area.getBody().getOps<GateOp>(), [&](GateOp gate) {
    return gate.getSite() == GateSite::Memory && gate.getOn() == getSource();
  });
}

#define GET_OP_CLASSES
#include "dialect/CircuitOps.cpp.inc"
