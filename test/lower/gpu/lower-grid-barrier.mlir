// Blocks wait for each other by a count in global memory.
// RUN: dale-opt %s --pass-pipeline="builtin.module(gpu.module(dale-lower-grid-barrier))" | FileCheck %s

// The first thread of a block counts it, and waits until the count is the next
// multiple of the number of blocks: `before / blocks + 1` times their number. A
// block alone waits for its own threads only.
// CHECK-LABEL: func.func private @grid_barrier(
// CHECK-SAME: %[[ARRIVALS:.*]]: memref<1xi32>, %[[NUMBER:.*]]: index)
// CHECK:      gpu.barrier
// CHECK:      %[[OTHERS:.*]] = arith.cmpi ne, %[[NUMBER]], %{{.*}}
// CHECK-NEXT: scf.if %[[OTHERS]]
// CHECK:      scf.if
// CHECK-NEXT:   llvm.fence syncscope("device") seq_cst
// CHECK:        %[[BEFORE:.*]] = llvm.atomicrmw add %[[PLACE:.*]], %{{.*}} syncscope("device") acq_rel
// CHECK:        %[[BLOCKS:.*]] = arith.index_cast %[[NUMBER]] : index to i32
// CHECK:        %[[ROUND:.*]] = arith.divui %[[BEFORE]], %[[BLOCKS]] : i32
// CHECK:        %[[NEXT:.*]] = arith.addi %[[ROUND]], %{{.*}} : i32
// CHECK-NEXT:   %[[GOAL:.*]] = arith.muli %[[NEXT]], %[[BLOCKS]] : i32
// CHECK-NEXT:   scf.while
// CHECK-NEXT:     %[[COUNT:.*]] = llvm.load %[[PLACE]] atomic syncscope("device") acquire
// CHECK-NEXT:     arith.cmpi ult, %[[COUNT]], %[[GOAL]]
// CHECK:        llvm.fence syncscope("device") seq_cst
// CHECK:      gpu.barrier
// CHECK-NEXT: }
// CHECK-NEXT: return

// The blocks of the grid, or as many as are said.
// CHECK-LABEL: gpu.func @twice(
// CHECK-SAME: %[[ARRIVALS:.*]]: memref<1xi32>, %[[TEAM:.*]]: index)
// CHECK:      %[[ALL:.*]] = gpu.grid_dim  x
// CHECK-NEXT: func.call @grid_barrier(%[[ARRIVALS]], %[[ALL]])
// CHECK-NEXT: func.call @grid_barrier(%[[ARRIVALS]], %[[TEAM]])
// CHECK-NOT:  dale.grid_barrier
gpu.module @circuit {
  gpu.func @twice(%arrivals: memref<1xi32>, %team: index) kernel {
    dale.grid_barrier %arrivals : memref<1xi32>
    dale.grid_barrier %arrivals of %team : memref<1xi32>
    gpu.return
  }
}
