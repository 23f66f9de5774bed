//===- CircuitOps.cpp - The language's type checker -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/CircuitOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace dale;

Activation GateOp::getEffectiveActivation() {
  if (std::optional<Activation> declared = getActivation())
    return *declared;
  return getKind() == GateKind::Subtract ? Activation::Relu
                                         : Activation::Sigmoid;
}

LogicalResult CircuitOp::verify() { return success(); }
LogicalResult CircuitOp::verifyRegions() { return success(); }
LogicalResult AreaOp::verify() { return success(); }
LogicalResult AreaOp::verifyRegions() { return success(); }

#define GET_OP_CLASSES
#include "dialect/CircuitOps.cpp.inc"
