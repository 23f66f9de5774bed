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
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ViewLikeInterface.td"

def GridBarrierOp : Dale_Op<"grid_barrier"> {
  let summary = "waits until all threads of the replica, or of a team, are here";
  let description = [{
    What `gpu.barrier` is for a block, for all blocks of a grid that have the same
    `y` (a replica): what any of their threads wrote to global memory before, every
    one sees behind it. These blocks must run at the same time (a cooperative
    launch). `arrivals` counts them; it is 0 when the kernel begins, and nobody
    else's.

    With `blocks` it waits for so many blocks only, a team's, which have `arrivals`
    to themselves. That number must be the same each time.

    ```mlir
    dale.grid_barrier %arrivals : memref<1xi32>
    dale.grid_barrier %arrivals of %blocks : memref<1xi32>
    ```
  }];
  let arguments = (ins MemRefRankOf<[I32], [1]>:$arrivals,
                       Optional<Index>:$blocks);
  let assemblyFormat = "$arrivals (`of` $blocks^)? attr-dict `:` type($arrivals)";
}

def TeamIdOp : Dale_Op<"team_id", [Pure]> {
  let summary = "the number of the team of blocks that works on an image";
  let description = [{
    In a stage over images a team works on one image at a time: a block, or several
    of them. `dale-map-to-gpu` says which.

    ```mlir
    %team = dale.team_id : index
    ```
  }];
  let results = (outs Index:$number);
  let assemblyFormat = "attr-dict `:` type($number)";
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

def PaddedOp : Dale_Op<"padded", [
    Pure, DeclareOpInterfaceMethods<ViewLikeOpInterface, ["getViewSource"]>]> {
  let summary = "a map with a margin that is nowhere in memory";
  let description = [{
    A view of `map` that is larger by `low` before and by `high` behind it in each
    dimension. What is read of it there is `number`. Nothing writes to it.

    ```mlir
    %padded = dale.padded %map low[1, 1, 0] high[1, 1, 0] with 0.0 : f32
        : memref<16x16x64xf32> to memref<18x18x64xf32>
    ```
  }];
  let arguments = (ins AnyMemRef:$map, DenseI64ArrayAttr:$low,
                       DenseI64ArrayAttr:$high, TypedAttrInterface:$number);
  let results = (outs AnyMemRef:$result);
  let assemblyFormat = [{
    $map `low` $low `high` $high `with` $number attr-dict
    `:` type($map) `to` type($result)
  }];
  let hasVerifier = 1;
}

#endif // DALE_DIALECT_DEVICEOPS_TD
