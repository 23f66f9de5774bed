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
include "mlir/Interfaces/SideEffectInterfaces.td"

def GridBarrierOp : Dale_Op<"grid_barrier"> {
  let summary = "waits until all threads of the replica are here";
  let description = [{
    What `gpu.barrier` is for a block, for all blocks of a grid that have the same
    `y` (a replica): what any of their threads wrote to global memory before, every
    one sees behind it. These blocks must run at the same time (a cooperative
    launch). `arrivals` counts them; it is 0 when the kernel begins, and no other
    replica's.

    ```mlir
    dale.grid_barrier %arrivals : memref<1xi32>
    ```
  }];
  let arguments = (ins MemRefRankOf<[I32], [1]>:$arrivals);
  let assemblyFormat = "$arrivals attr-dict `:` type($arrivals)";
}

def SharedBytesOp : Dale_Op<"shared_bytes", [Pure]> {
  let summary = "how much shared memory the block has been given";
  let description = [{
    The bytes of `gpu.dynamic_shared_memory`, which the launch says.

    ```mlir
    %bytes = dale.shared_bytes : index
    ```
  }];
  let results = (outs Index:$bytes);
  let assemblyFormat = "attr-dict `:` type($bytes)";
}

#endif // DALE_DIALECT_DEVICEOPS_TD
