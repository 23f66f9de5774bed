// Blocks wait for each other by a count in global memory.
// RUN: dale-opt %s --pass-pipeline="builtin.module(gpu.module(dale-lower-grid-barrier))" | FileCheck %s

// The first thread of a block counts it, and waits until the count is the next
// multiple of the number of blocks: `before / blocks + 1` times their number.
// CHECK-LABEL: func.func private @grid_barrier(
// CHECK-SAME: %[[ARRIVALS:.*]]: memref<1xi32>)
// CHECK:      gpu.barrier
// CHECK:      scf.if
// CHECK-NEXT:   llvm.fence syncscope("device") seq_cst
// CHECK:        %[[BEFORE:.*]] = llvm.atomicrmw add %[[PLACE:.*]], %{{.*}} syncscope("device") acq_rel
// CHECK:        %[[ROUND:.*]] = arith.divui %[[BEFORE]], %[[BLOCKS:.*]] : i32
// CHECK:        %[[NEXT:.*]] = arith.addi %[[ROUND]], %{{.*}} : i32
// CHECK-NEXT:   %[[GOAL:.*]] = arith.muli %[[NEXT]], %[[BLOCKS]] : i32
// CHECK-NEXT:   scf.while
// CHECK-NEXT:     %[[COUNT:.*]] = llvm.load %[[PLACE]] atomic syncscope("device") acquire
// CHECK-NEXT:     arith.cmpi ult, %[[COUNT]], %[[GOAL]]
// CHECK:        llvm.fence syncscope("device") seq_cst
// CHECK:      gpu.barrier
// CHECK-NEXT: return

// CHECK-LABEL: gpu.func @twice(
// CHECK-COUNT-2: func.call @grid_barrier(
// CHECK-NOT:  dale.grid_barrier
gpu.module @circuit {
  gpu.func @twice(%arrivals: memref<1xi32>) kernel {
    dale.grid_barrier %arrivals : memref<1xi32>
    dale.grid_barrier %arrivals : memref<1xi32>
    gpu.return
  }
}
