//===- Traffic.cpp - Bytes that the ops of a stage move --------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Traffic.h"
#include "compiler/lower/KernelOps.h"
#include "compiler/lower/Lifetimes.h"
#include "compiler/lower/Views.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace dale;

/// Adds the bytes that an op reads or writes of each buffer.
static void count(linalg::LinalgOp op,
                  function_ref<bool(OpOperand &)> isCounted,
                  llvm::MapVector<Value, int64_t> &bytes) {
  llvm::MapVector<Value, int64_t> seen;
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type || !type.hasStaticShape() || !isCounted(operand) ||
        isInRegisters(operand.get()))
      continue;
    int64_t size = dale::getBytes(type);
    Value buffer = getViewRoot(operand.get());
    auto whole = cast<MemRefType>(buffer.getType());
    int64_t &sum = seen[buffer];
    sum = whole.hasStaticShape() ? std::min(sum + size, dale::getBytes(whole))
                                 : std::max(sum, size);
  }
  for (auto [buffer, size] : seen)
    bytes[buffer] += size;
}

Traffic::Traffic(func::FuncOp stage) {
  stage.walk([&](linalg::LinalgOp op) {
    if (!op->getParentOfType<scf::ParallelOp>())
      return;
    count(
        op,
        [&](OpOperand &operand) {
          return op.payloadUsesValueFromOperand(&operand);
        },
        bytes);
    count(
        op, [&](OpOperand &operand) { return op.isDpsInit(&operand); }, bytes);
  });
}

int64_t Traffic::getTotal() const {
  int64_t total = 0;
  for (auto [buffer, size] : bytes)
    total += size;
  return total;
}
