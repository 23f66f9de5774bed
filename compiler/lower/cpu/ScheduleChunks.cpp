//===- ScheduleChunks.cpp - Which thread takes which chunk -----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/cpu/Passes.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"

namespace dale {
#define GEN_PASS_DEF_SCHEDULECHUNKS
#include "compiler/lower/cpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct ScheduleChunksPass
    : dale::impl::ScheduleChunksBase<ScheduleChunksPass> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    getOperation()->walk([&](omp::WsloopOp loop) {
      loop.setScheduleKindAttr(omp::ClauseScheduleKindAttr::get(
          context, omp::ClauseScheduleKind::Dynamic));
      loop.setScheduleModAttr(omp::ScheduleModifierAttr::get(
          context, omp::ScheduleModifier::nonmonotonic));
    });
  }
};

} // namespace
