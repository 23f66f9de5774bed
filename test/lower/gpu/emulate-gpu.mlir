// Kernels become functions that the host runs for every thread, and checks.
// RUN: dale-opt %s --dale-emulate-gpu --canonicalize --cse | FileCheck %s

// CHECK-DAG:  llvm.mlir.global internal constant @dale_emulated_where_1("twice, {{.*}}emulate-gpu.mlir:[[#@LINE+58]]:10, memref.load\00")

// An index must be within its dimension, and the emulator is told of every
// access before it happens: here of four bytes, which begin at a multiple of four.
// CHECK-LABEL: func.func private @dale_emulated_twice(
// CHECK-SAME: %[[X:.*]]: memref<64xf32>, %[[I:.*]]: index)
// CHECK:      %[[BEYOND:.*]] = arith.cmpi uge, %[[I]], %c64 : index
// CHECK:      scf.if %[[BEYOND]] {
// CHECK-NEXT:   func.call @dale_emulated_fail(%[[WHERE:.*]]) : (i64) -> ()
// CHECK:      %[[BASE:.*]] = memref.extract_aligned_pointer_as_index %[[X]]
// CHECK-NEXT: %[[OFFSET:.*]] = arith.muli %[[I]], %c4
// CHECK-NEXT: %[[ADDRESS:.*]] = arith.addi %[[BASE]], %[[OFFSET]]
// CHECK-NEXT: %[[POINTER:.*]] = arith.index_cast %[[ADDRESS]] : index to i64
// CHECK-NEXT: call @dale_emulated_read(%[[POINTER]], %c4_i64, %c4_i64, %[[WHERE]])
// CHECK-NEXT: memref.load
// CHECK:      call @dale_emulated_write(%[[POINTER]], %c4_i64, %c4_i64, %{{.*}})
// CHECK-NEXT: memref.store

// Vectors begin where the code for GPUs says that they do.
// CHECK-LABEL: func.func private @dale_emulated_vectors(
// CHECK:      call @dale_emulated_read(%{{.*}}, %c16_i64, %c8_i64, %{{.*}})
// CHECK-NEXT: vector.load
// CHECK:      call @dale_emulated_write(%{{.*}}, %c16_i64, %c4_i64, %{{.*}})
// CHECK-NEXT: vector.store

// A product's factors and sums go to the emulator in memory that is taken once,
// and the sums come back.
// CHECK-LABEL: func.func private @dale_emulated_product(
// CHECK:      %[[REGISTERS:.*]] = memref.alloca() : memref<10xf32>
// CHECK:      %[[THREAD:.*]] = call @dale_emulated_thread() : () -> i64
// CHECK:      arith.remui %{{.*}}, %c32
// CHECK:      scf.for
// CHECK-COUNT-10: memref.store %{{.*}}, %[[REGISTERS]]
// CHECK:        func.call @dale_emulated_multiply(%{{.*}}, %c8_i64, %{{.*}}) : (i64, i64, i64) -> ()
// CHECK-NEXT:   memref.load %[[REGISTERS]][%c6]

// The numbers of thread, block and replica, shared memory and barriers are the
// emulator's.
// CHECK-LABEL: func.func @dale_emulated_kernel(
// CHECK-SAME: %[[ARRIVALS:.*]]: memref<1xi32>, %[[TEAM:.*]]: index) attributes {llvm.emit_c_interface}
// CHECK:      %[[THREAD:.*]] = call @dale_emulated_thread() : () -> i64
// CHECK:      call @dale_emulated_block() : () -> i64
// CHECK:      call @dale_emulated_replica() : () -> i64
// CHECK:      call @dale_emulated_shared() : () -> memref<?xi8>
// CHECK:      call @dale_emulated_twice(
// CHECK:      call @dale_emulated_shared_bytes() : () -> i64
// CHECK-NOT:  memref.memory_space_cast
// CHECK:      call @dale_emulated_barrier(%{{.*}}) : (i64) -> ()
// CHECK:      call @dale_emulated_grid_barrier(%{{.*}}) : (i64) -> ()
// CHECK:      %[[PLACE:.*]] = memref.extract_aligned_pointer_as_index %[[ARRIVALS]]
// CHECK:      %[[ADDRESS:.*]] = arith.index_cast %[[PLACE]] : index to i64
// CHECK:      %[[BLOCKS:.*]] = arith.index_cast %[[TEAM]] : index to i64
// CHECK:      call @dale_emulated_team_barrier(%[[ADDRESS]], %[[BLOCKS]], %{{.*}}) : (i64, i64, i64) -> ()
// CHECK-NEXT: return
// CHECK-NOT:  gpu.

gpu.module @circuit {
  func.func private @twice(%x: memref<64xf32, #gpu.address_space<workgroup>>, %i: index) {
    %0 = memref.load %x[%i] : memref<64xf32, #gpu.address_space<workgroup>>
    %1 = arith.addf %0, %0 : f32
    memref.store %1, %x[%i] : memref<64xf32, #gpu.address_space<workgroup>>
    return
  }
  func.func private @vectors(%x: memref<64xf32>, %i: index) {
    %0 = vector.load %x[%i] {alignment = 8 : i64} : memref<64xf32>, vector<4xf32>
    vector.store %0, %x[%i] : memref<64xf32>, vector<4xf32>
    return
  }
  func.func private @product(%a: vector<4x1xf32>, %b: vector<2x1xf32>, %c: vector<2x2xf32>) -> (vector<2x2xf32>, index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %lane = gpu.lane_id
    %0 = scf.for %i = %c0 to %c4 step %c1 iter_args(%sum = %c) -> vector<2x2xf32> {
      %1 = nvgpu.mma.sync(%a, %b, %sum) {mmaShape = [16, 8, 8], tf32Enabled} : (vector<4x1xf32>, vector<2x1xf32>, vector<2x2xf32>) -> vector<2x2xf32>
      scf.yield %1 : vector<2x2xf32>
    }
    return %0, %lane : vector<2x2xf32>, index
  }
  gpu.func @dale_kernel(%arrivals: memref<1xi32>, %team: index) kernel {
    %one = arith.constant 1.0 : f32
    %c0 = arith.constant 0 : index
    %thread = gpu.thread_id x
    %block = gpu.block_id x
    %replica = gpu.block_id y
    %both = arith.addi %block, %replica : index
    %i = arith.addi %thread, %both : index
    %shared = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %x = memref.view %shared[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<64xf32, #gpu.address_space<workgroup>>
    func.call @twice(%x, %i) : (memref<64xf32, #gpu.address_space<workgroup>>, index) -> ()
    %given = dale.shared_bytes : index
    %any = memref.memory_space_cast %x : memref<64xf32, #gpu.address_space<workgroup>> to memref<64xf32>
    memref.store %one, %any[%given] : memref<64xf32>
    gpu.barrier
    dale.grid_barrier %arrivals : memref<1xi32>
    dale.grid_barrier %arrivals of %team : memref<1xi32>
    gpu.return
  }
}
