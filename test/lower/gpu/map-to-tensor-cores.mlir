// Products of matrices become instructions of warps.
// RUN: dale-opt %s --dale-map-to-tensor-cores="precision=tf32 warps=1" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,TF32
// RUN: dale-opt %s --dale-map-to-tensor-cores="precision=bf16 warps=1" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,BF16
// RUN: dale-opt %s --dale-map-to-tensor-cores="precision=f32" | FileCheck %s --check-prefix=F32

// F32-COUNT-7: linalg.
// F32-NOT:     nvgpu.

// A warp has a tile of 32 x 32. A lane loads four terms of the sum of each of its
// rows of A, four of its columns of B for each of these terms, and has eight
// columns of each of its rows of C: all of them beside each other.
// CHECK-LABEL: func.func private @product(
// CHECK-SAME: %[[A:.*]]: memref<64x32xf32>, %[[B:.*]]: memref<32x32xf32>, %[[C:.*]]: memref<64x32xf32>)
// CHECK:      scf.forall (%[[ROW:.*]], %[[COLUMN:.*]]) = (0, 0) to (64, 32) step (32, 32) {
// CHECK:        %[[LANE:.*]] = gpu.lane_id
// CHECK-NEXT:   %[[GROUP:.*]] = arith.divui %[[LANE]], %c4
// CHECK-NEXT:   %[[NUMBER:.*]] = arith.remui %[[LANE]], %c4
// CHECK:        vector.load %[[C]]{{.*}} vector<8xf32>
// CHECK:        scf.for %{{.*}} = %c0 to %c32 step %c16 iter_args({{.*}}) -> (vector<2x2xf32>,
// CHECK:          vector.load %[[A]]{{.*}} vector<4xf32>
// CHECK:          vector.load %[[B]]{{.*}} vector<4xf32>
// To nearest: half of what the instruction does not look at is added. A NaN stays one.
// TF32:           %[[BITS:.*]] = arith.bitcast %[[FACTORS:.*]] : vector<4xf32> to vector<4xi32>
// TF32:           %[[NEAREST:.*]] = arith.addi %[[BITS]], {{.*}} : vector<4xi32>
// TF32:           %[[ROUNDED:.*]] = arith.maxsi %[[NEAREST]], %[[BITS]]
// TF32:           arith.bitcast %[[ROUNDED]] : vector<4xi32> to vector<4xf32>
// TF32-COUNT-16:  nvgpu.mma.sync({{.*}}) {mmaShape = [16, 8, 8], tf32Enabled} : (vector<4x1xf32>, vector<2x1xf32>, vector<2x2xf32>) -> vector<2x2xf32>
// BF16:           arith.truncf {{.*}} : vector<4xf32> to vector<4xbf16>
// BF16-COUNT-8:   nvgpu.mma.sync({{.*}}) {mmaShape = [16, 8, 16]} : (vector<4x2xbf16>, vector<2x2xbf16>, vector<2x2xf32>) -> vector<2x2xf32>
// CHECK:          scf.yield
// CHECK:        vector.store {{.*}}, %[[C]]{{.*}} vector<8xf32>
// CHECK:      } {mapping = [#gpu.warp<linear_dim_1>, #gpu.warp<linear_dim_0>]}
// CHECK-NEXT: return
func.func private @product(%a: memref<64x32xf32>, %b: memref<32x32xf32>, %c: memref<64x32xf32>) {
  %0 = bufferization.to_tensor %a restrict : memref<64x32xf32> to tensor<64x32xf32>
  %1 = bufferization.to_tensor %b restrict : memref<32x32xf32> to tensor<32x32xf32>
  %2 = bufferization.to_tensor %c restrict writable : memref<64x32xf32> to tensor<64x32xf32>
  %3 = linalg.matmul ins(%0, %1 : tensor<64x32xf32>, tensor<32x32xf32>) outs(%2 : tensor<64x32xf32>) -> tensor<64x32xf32>
  bufferization.materialize_in_destination %3 in restrict writable %c : (tensor<64x32xf32>, memref<64x32xf32>) -> ()
  return
}

// The gradient of a filter sums along A's first dimension: there a lane's rows
// lie beside each other, and the terms of lanes beside each other: a lane has
// every fourth.
// CHECK-LABEL: func.func private @filter_grad(
// CHECK-SAME: %[[A:.*]]: memref<64x32xf32>, %[[B:.*]]: memref<64x32xf32>
// CHECK:      scf.forall
// CHECK:        %[[LANE:.*]] = gpu.lane_id
// CHECK:        %[[NUMBER:.*]] = arith.remui %[[LANE]], %c4
// CHECK:        scf.for %[[STEP:.*]] = %c0 to %c64 step %c16
// CHECK:          %[[TERM:.*]] = arith.addi %[[STEP]], %[[NUMBER]]
// CHECK:          vector.load %[[A]][%[[TERM]], %[[ROW:.*]]] : memref<64x32xf32>, vector<4xf32>
// CHECK:          %[[NEXT:.*]] = arith.addi %[[TERM]], %c4
// CHECK:          vector.load %[[A]][%[[NEXT]], %[[ROW]]] : memref<64x32xf32>, vector<4xf32>
// CHECK-COUNT-2:  vector.load %[[A]]{{.*}} vector<4xf32>
// CHECK-COUNT-4:  vector.load %[[B]]{{.*}} vector<4xf32>
// CHECK:          nvgpu.mma.sync
#k_m = affine_map<(m, n, k) -> (k, m)>
#k_n = affine_map<(m, n, k) -> (k, n)>
#m_n = affine_map<(m, n, k) -> (m, n)>
func.func private @filter_grad(%a: memref<64x32xf32>, %b: memref<64x32xf32>, %c: memref<32x32xf32>) {
  %0 = bufferization.to_tensor %a restrict : memref<64x32xf32> to tensor<64x32xf32>
  %1 = bufferization.to_tensor %b restrict : memref<64x32xf32> to tensor<64x32xf32>
  %2 = bufferization.to_tensor %c restrict writable : memref<32x32xf32> to tensor<32x32xf32>
  %3 = linalg.generic {indexing_maps = [#k_m, #k_n, #m_n], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%0, %1 : tensor<64x32xf32>, tensor<64x32xf32>) outs(%2 : tensor<32x32xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %4 = arith.mulf %x, %y : f32
    %5 = arith.addf %sum, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<32x32xf32>
  bufferization.materialize_in_destination %3 in restrict writable %c : (tensor<32x32xf32>, memref<32x32xf32>) -> ()
  return
}

// Sums that start from a number start there, and not in memory.
// CHECK-LABEL: func.func private @from_zero(
// CHECK:      %[[ZEROS:.*]] = arith.constant dense<0.000000e+00> : vector<2x2xf32>
// CHECK-NOT:  linalg.fill
// TF32:       nvgpu.mma.sync(%{{.*}}, %{{.*}}, %[[ZEROS]])
// BF16:       nvgpu.mma.sync(%{{.*}}, %{{.*}}, %[[ZEROS]])
func.func private @from_zero(%a: memref<16x16xf32>, %b: memref<16x8xf32>, %c: memref<16x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %a restrict : memref<16x16xf32> to tensor<16x16xf32>
  %1 = bufferization.to_tensor %b restrict : memref<16x8xf32> to tensor<16x8xf32>
  %2 = bufferization.to_tensor %c restrict writable : memref<16x8xf32> to tensor<16x8xf32>
  %3 = linalg.fill ins(%zero : f32) outs(%2 : tensor<16x8xf32>) -> tensor<16x8xf32>
  %4 = linalg.matmul ins(%0, %1 : tensor<16x16xf32>, tensor<16x8xf32>) outs(%3 : tensor<16x8xf32>) -> tensor<16x8xf32>
  bufferization.materialize_in_destination %4 in restrict writable %c : (tensor<16x8xf32>, memref<16x8xf32>) -> ()
  return
}

// Sums that start from a copy read what would be copied.
// CHECK-LABEL: func.func private @from_copy(
// CHECK-SAME:  %{{.*}}, %{{.*}}, %[[C:.*]]: memref<16x8xf32>, %[[START:.*]]: memref<16x8xf32>)
// CHECK-NOT:   linalg.copy
// CHECK:       vector.load %[[START]]
// CHECK-NOT:   vector.load %[[C]]
// CHECK:       vector.store %{{.*}}, %[[C]]
func.func private @from_copy(%a: memref<16x16xf32>, %b: memref<16x8xf32>, %c: memref<16x8xf32>, %start: memref<16x8xf32>) {
  %0 = bufferization.to_tensor %a restrict : memref<16x16xf32> to tensor<16x16xf32>
  %1 = bufferization.to_tensor %b restrict : memref<16x8xf32> to tensor<16x8xf32>
  %2 = bufferization.to_tensor %c restrict writable : memref<16x8xf32> to tensor<16x8xf32>
  %3 = bufferization.to_tensor %start restrict : memref<16x8xf32> to tensor<16x8xf32>
  %4 = linalg.copy ins(%3 : tensor<16x8xf32>) outs(%2 : tensor<16x8xf32>) -> tensor<16x8xf32>
  %5 = linalg.matmul ins(%0, %1 : tensor<16x16xf32>, tensor<16x8xf32>) outs(%4 : tensor<16x8xf32>) -> tensor<16x8xf32>
  bufferization.materialize_in_destination %5 in restrict writable %c : (tensor<16x8xf32>, memref<16x8xf32>) -> ()
  return
}

// Ten columns are no multiple of eight: left to the CUDA cores.
// CHECK-LABEL: func.func private @readout(
// CHECK:      linalg.matmul
func.func private @readout(%a: memref<16x16xf32>, %b: memref<16x10xf32>, %c: memref<16x10xf32>) {
  %0 = bufferization.to_tensor %a restrict : memref<16x16xf32> to tensor<16x16xf32>
  %1 = bufferization.to_tensor %b restrict : memref<16x10xf32> to tensor<16x10xf32>
  %2 = bufferization.to_tensor %c restrict writable : memref<16x10xf32> to tensor<16x10xf32>
  %3 = linalg.matmul ins(%0, %1 : tensor<16x16xf32>, tensor<16x10xf32>) outs(%2 : tensor<16x10xf32>) -> tensor<16x10xf32>
  bufferization.materialize_in_destination %3 in restrict writable %c : (tensor<16x10xf32>, memref<16x10xf32>) -> ()
  return
}

// A convolution: a lane's rows are pixels, whose row and column follow from their
// number, and the kernel's entries are two more loops.
// CHECK-LABEL: func.func private @convolution(
// CHECK-SAME: %[[A:.*]]: memref<1x10x10x32xf32>, %[[B:.*]]: memref<3x3x32x32xf32>, %[[C:.*]]: memref<1x8x8x32xf32>)
// CHECK:      scf.forall (%{{.*}}) = (0, 0) to (64, 32) step (32, 32)
// CHECK-DAG:    %[[W:.*]] = arith.remui %[[ROW:.*]], %c8
// CHECK-DAG:    %[[H:.*]] = arith.divui %[[ROW]], %c8
// CHECK:        scf.for %[[I:.*]] = %c0 to %c3 step %c1 iter_args(
// CHECK:          scf.for %[[J:.*]] = %c0 to %c3 step %c1 iter_args(
// CHECK:            scf.for %{{.*}} = %c0 to %c32 step %c16 iter_args(
// CHECK-DAG:          %[[Y:.*]] = arith.addi %[[H]], %[[I]]
// CHECK-DAG:          %[[X:.*]] = arith.addi %[[W]], %[[J]]
// CHECK:              vector.load %[[A]][%c0, %[[Y]], %[[X]], %{{.*}}] : memref<1x10x10x32xf32>, vector<4xf32>
// CHECK:              vector.load %[[B]][%[[I]], %[[J]], %{{.*}}, %{{.*}}] : memref<3x3x32x32xf32>, vector<4xf32>
// CHECK:              nvgpu.mma.sync
// CHECK:        vector.store %{{.*}}, %[[C]][%c0, %[[H]], %[[W]], %{{.*}}] : memref<1x8x8x32xf32>, vector<8xf32>
func.func private @convolution(%a: memref<1x10x10x32xf32>, %b: memref<3x3x32x32xf32>, %c: memref<1x8x8x32xf32>) {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %a restrict : memref<1x10x10x32xf32> to tensor<1x10x10x32xf32>
  %1 = bufferization.to_tensor %b restrict : memref<3x3x32x32xf32> to tensor<3x3x32x32xf32>
  %2 = bufferization.to_tensor %c restrict writable : memref<1x8x8x32xf32> to tensor<1x8x8x32xf32>
  %start = linalg.fill ins(%zero : f32) outs(%2 : tensor<1x8x8x32xf32>) -> tensor<1x8x8x32xf32>
  %3 = linalg.conv_2d_nhwc_hwcf ins(%0, %1 : tensor<1x10x10x32xf32>, tensor<3x3x32x32xf32>)
      outs(%start : tensor<1x8x8x32xf32>) -> tensor<1x8x8x32xf32>
  bufferization.materialize_in_destination %3 in restrict writable %c : (tensor<1x8x8x32xf32>, memref<1x8x8x32xf32>) -> ()
  return
}

// A product whose result goes to other memory than its sums come from stays.
// CHECK-LABEL: func.func @elsewhere(
// CHECK:       linalg.matmul
// CHECK:       bufferization.materialize_in_destination %{{.*}} in restrict writable %{{.*}}
func.func @elsewhere(%a: memref<64x64xf32>, %b: memref<64x64xf32>, %c: memref<64x64xf32>,
    %d: memref<64x64xf32>) {
  %0 = bufferization.to_tensor %a restrict : memref<64x64xf32> to tensor<64x64xf32>
  %1 = bufferization.to_tensor %b restrict : memref<64x64xf32> to tensor<64x64xf32>
  %2 = bufferization.to_tensor %c restrict : memref<64x64xf32> to tensor<64x64xf32>
  %3 = linalg.matmul ins(%0, %1 : tensor<64x64xf32>, tensor<64x64xf32>)
      outs(%2 : tensor<64x64xf32>) -> tensor<64x64xf32>
  bufferization.materialize_in_destination %3 in restrict writable %d
      : (tensor<64x64xf32>, memref<64x64xf32>) -> ()
  return
}
