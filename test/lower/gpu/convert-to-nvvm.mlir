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

// BF16 goes to tensor cores in pairs, TF32 as upstream has it.
// CHECK-LABEL: llvm.func internal @products(
// CHECK-COUNT-6: llvm.bitcast %{{.*}} : vector<2xbf16> to vector<1xi32>
// CHECK:      nvvm.mma.sync A[{{.*}}] B[{{.*}}] C[{{.*}}] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
// CHECK:      nvvm.mma.sync {{.*}}multiplicandAPtxType = #nvvm.mma_type<tf32>{{.*}}k = 8>

// Kernels with few calls are inlined.
// CHECK-LABEL: llvm.func internal @rare(
// CHECK-SAME:  passthrough = ["alwaysinline"]
// CHECK-LABEL: llvm.func internal @frequent(
// CHECK-SAME:  passthrough = ["noinline"]

// CHECK-LABEL: llvm.func @kernel(
// CHECK-SAME: nvvm.kernel
// CHECK:      nvvm.read.ptx.sreg.tid.x
// CHECK:      llvm.mlir.addressof @__dynamic_shmem__0 : !llvm.ptr<3>
// CHECK:      llvm.call @root(
// CHECK:      llvm.call_intrinsic "llvm.nvvm.read.ptx.sreg.dynamic_smem_size"() : () -> i32
// CHECK:      llvm.addrspacecast %{{.*}} : !llvm.ptr<3> to !llvm.ptr
// CHECK:      llvm.select
// CHECK:      nvvm.barrier0
gpu.module @circuit {
  func.func private @root(%x: memref<64xf32, #gpu.address_space<workgroup>>, %i: index) {
    %0 = vector.load %x[%i] : memref<64xf32, #gpu.address_space<workgroup>>, vector<4xf32>
    %1 = math.sqrt %0 : vector<4xf32>
    %2 = math.absf %1 : vector<4xf32>
    vector.store %2, %x[%i] : memref<64xf32, #gpu.address_space<workgroup>>, vector<4xf32>
    return
  }
  func.func private @products(%a: vector<4x2xbf16>, %b: vector<2x2xbf16>, %c: vector<2x2xf32>, %d: vector<4x1xf32>, %e: vector<2x1xf32>) -> vector<2x2xf32> {
    %0 = nvgpu.mma.sync(%a, %b, %c) {mmaShape = [16, 8, 16]} : (vector<4x2xbf16>, vector<2x2xbf16>, vector<2x2xf32>) -> vector<2x2xf32>
    %1 = nvgpu.mma.sync(%d, %e, %0) {mmaShape = [16, 8, 8], tf32Enabled} : (vector<4x1xf32>, vector<2x1xf32>, vector<2x2xf32>) -> vector<2x2xf32>
    return %1 : vector<2x2xf32>
  }
  func.func private @rare() attributes {dale.kernel} {
    return
  }
  func.func private @frequent() attributes {dale.kernel} {
    return
  }
  gpu.func @kernel(%there: memref<?xi8>, %byte: i8) kernel {
    %c0 = arith.constant 0 : index
    %i = gpu.thread_id x
    %shared = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %x = memref.view %shared[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<64xf32, #gpu.address_space<workgroup>>
    func.call @root(%x, %i) : (memref<64xf32, #gpu.address_space<workgroup>>, index) -> ()
    %given = dale.shared_bytes : index
    %enough = arith.cmpi uge, %given, %c0 : index
    %here = memref.memory_space_cast %shared : memref<?xi8, #gpu.address_space<workgroup>> to memref<?xi8>
    %any = arith.select %enough, %here, %there : memref<?xi8>
    memref.store %byte, %any[%i] : memref<?xi8>
    gpu.barrier
    func.call @rare() : () -> ()
    func.call @frequent() : () -> ()
    func.call @frequent() : () -> ()
    func.call @frequent() : () -> ()
    func.call @frequent() : () -> ()
    gpu.return
  }
}
