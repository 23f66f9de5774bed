//===- Model.cpp - A circuit's trained state ------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Model.h"

using namespace dale::runtime;

Model::Model(const Circuit &circuit)
    : parameters(Buffer::zeroed(circuit.realBytes(circuit.parameters.elements),
                                Purpose::ofNetwork("the parameters"))),
      averages(Buffer::zeroed(circuit.realBytes(circuit.averages.elements),
                              Purpose::ofNetwork("the moving averages"))),
      momenta(Buffer::zeroed(circuit.realBytes(circuit.parameters.elements),
                             Purpose::ofNetwork("the momenta"))) {}
