//===- DeviceOps.td - What devices need beyond upstream ----*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_DIALECT_DEVICEOPS_TD
#define DALE_DIALECT_DEVICEOPS_TD

include "Dialect.td"

def GridBarrierOp : Dale_Op<"grid_barrier"> {
  let summary = "waits until all threads of the grid are here";
  let description = [{
    What `gpu.barrier` is for a block, for all blocks of a grid: what any thread
    wrote to global memory before, every thread sees behind it. All blocks must
    run at the same time (a cooperative launch). `arrivals` counts blocks; it is 0
    when the kernel begins.

    ```mlir
    dale.grid_barrier %arrivals : memref<1xi32>
    ```
  }];
  let arguments = (ins MemRefRankOf<[I32], [1]>:$arrivals);
  let assemblyFormat = "$arrivals attr-dict `:` type($arrivals)";
}

#endif // DALE_DIALECT_DEVICEOPS_TD
