//===- Passes.td - Lowering to the CPU -*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def TileAndVectorize : Pass<"dale-tile-and-vectorize", "::mlir::func::FuncOp"> {
  let summary = "tiles linalg ops to registers and vectorizes them";
  let description = [{
    Tiles every linalg op, while it still works on tensors, so that one tile's
    operands fit the vector registers, and vectorizes the tiles. Reductions are
    tiled by one: their accumulators are then loop-carried values, and stay in
    registers. Tile sizes follow from the width and the number of the target's
    vector registers.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", /*default=*/"512",
           "width of a vector register in bits">,
    Option<"numRegisters", "num-registers", "int64_t", /*default=*/"32",
           "number of vector registers">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

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
