//===- Passes.td - Lowering to the CPU -*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def PlanScratch : Pass<"dale-plan-scratch", "::mlir::ModuleOp"> {
  let summary = "gives one image's intermediate maps places in a thread's memory";
  let description = [{
    Replaces allocations of static size in stage functions by views of the
    thread's part of the workspace (the function's last argument), at offsets
    found by the buffers' lifetimes. Adds what a thread needs to `dale.workspace`
    of the entry points.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect"];
}
