//===- CircuitOps.h - Ops that mirror a circuit file -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_DIALECT_CIRCUITOPS_H
#define DALE_DIALECT_CIRCUITOPS_H

#include "dialect/Dialect.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"

#define GET_OP_CLASSES
#include "dialect/CircuitOps.h.inc"

#endif // DALE_DIALECT_CIRCUITOPS_H
