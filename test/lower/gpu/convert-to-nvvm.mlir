// Everything becomes LLVM and NVVM in one pass; square roots need no library.
// RUN: dale-opt %s --pass-pipeline="builtin.module(gpu.module(dale-convert-to-nvvm))" | FileCheck %s

// CHECK:      llvm.mlir.global external @__dynamic_shmem__0() {addr_space = 3 : i32, alignment = 64 : i64} : !llvm.array<0 x i8>

// CHECK-LABEL: llvm.func internal @root(
// CHECK-SAME: passthrough = ["noinline"]
// CHECK:      %[[X:.*]] = llvm.load %{{.*}} : !llvm.ptr<3> -> vector<4xf32>
// CHECK-NEXT: %[[ROOT:.*]] = llvm.intr.sqrt(%[[X]])
// CHECK-NEXT: %[[ABS:.*]] = llvm.intr.fabs(%[[ROOT]])
// CHECK:      llvm.store %[[ABS]], %{{.*}} : vector<4xf32>, !llvm.ptr<3>
// CHECK-NOT:  __nv_

// CHECK-LABEL: llvm.func @kernel(
// CHECK-SAME: nvvm.kernel
// CHECK:      nvvm.read.ptx.sreg.tid.x
// CHECK:      llvm.mlir.addressof @__dynamic_shmem__0 : !llvm.ptr<3>
// CHECK:      llvm.call @root(
// CHECK:      nvvm.barrier0
gpu.module @circuit {
  func.func private @root(%x: memref<64xf32, #gpu.address_space<workgroup>>, %i: index) {
    %0 = vector.load %x[%i] : memref<64xf32, #gpu.address_space<workgroup>>, vector<4xf32>
    %1 = math.sqrt %0 : vector<4xf32>
    %2 = math.absf %1 : vector<4xf32>
    vector.store %2, %x[%i] : memref<64xf32, #gpu.address_space<workgroup>>, vector<4xf32>
    return
  }
  gpu.func @kernel() kernel {
    %c0 = arith.constant 0 : index
    %i = gpu.thread_id x
    %shared = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %x = memref.view %shared[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<64xf32, #gpu.address_space<workgroup>>
    func.call @root(%x, %i) : (memref<64xf32, #gpu.address_space<workgroup>>, index) -> ()
    gpu.barrier
    gpu.return
  }
}
