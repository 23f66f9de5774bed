// A factor that is in bf16 already is loaded as it is.
// RUN: dale-opt %s --dale-map-to-tensor-cores="precision=bf16 warps=1" --canonicalize --cse | FileCheck %s
// RUN: dale-opt %s --dale-map-to-tensor-cores="precision=tf32 warps=1" | FileCheck %s --check-prefix=TF32

// TF32: linalg.generic
// TF32-NOT: nvgpu.

// CHECK-LABEL: func.func private @narrow(
// CHECK-SAME:  %[[A:.*]]: memref<64x32xbf16>, %[[B:.*]]: memref<32x32xf32>
// CHECK:       scf.for
// CHECK:         vector.load %[[A]]{{.*}} : memref<64x32xbf16>, vector<8xbf16>
// CHECK-NOT:     arith.truncf
// CHECK:         %[[WIDE:.*]] = vector.load %[[B]]{{.*}} : memref<32x32xf32>, vector<4xf32>
// CHECK:         arith.truncf %[[WIDE]] : vector<4xf32> to vector<4xbf16>
// CHECK:         nvgpu.mma.sync
#m_k = affine_map<(m, n, k) -> (m, k)>
#k_n = affine_map<(m, n, k) -> (k, n)>
#m_n = affine_map<(m, n, k) -> (m, n)>
func.func private @narrow(%a: memref<64x32xbf16>, %b: memref<32x32xf32>, %c: memref<64x32xf32>) {
  %0 = bufferization.to_tensor %a restrict : memref<64x32xbf16> to tensor<64x32xbf16>
  %1 = bufferization.to_tensor %b restrict : memref<32x32xf32> to tensor<32x32xf32>
  %2 = bufferization.to_tensor %c restrict writable : memref<64x32xf32> to tensor<64x32xf32>
  %3 = linalg.generic {indexing_maps = [#m_k, #k_n, #m_n], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%0, %1 : tensor<64x32xbf16>, tensor<32x32xf32>) outs(%2 : tensor<64x32xf32>) {
  ^bb0(%x: bf16, %y: f32, %sum: f32):
    %4 = arith.extf %x : bf16 to f32
    %5 = arith.mulf %4, %y : f32
    %6 = arith.addf %sum, %5 : f32
    linalg.yield %6 : f32
  } -> tensor<64x32xf32>
  bufferization.materialize_in_destination %3 in restrict writable %c : (tensor<64x32xf32>, memref<64x32xf32>) -> ()
  return
}

// Where terms of a sum lie beside each other in both factors, in bf16, a lane loads eight
// of each for two instructions.
// CHECK-LABEL: func.func private @terms(
// CHECK-SAME:  %[[A:.*]]: memref<64x32xbf16>, %[[B:.*]]: memref<8x32xbf16>
// CHECK:         vector.load %[[A]][%[[ROW:.*]], %[[TERM:.*]]] : memref<64x32xbf16>, vector<8xbf16>
// CHECK:         vector.load %[[B]][%[[COLUMN:.*]], %[[TERM]]] : memref<8x32xbf16>, vector<8xbf16>
// CHECK-NOT:     vector.load
// CHECK-COUNT-2: nvgpu.mma.sync
// CHECK-NOT:     nvgpu.mma.sync
// CHECK:         return
#n_k = affine_map<(m, n, k) -> (n, k)>
func.func private @terms(%a: memref<64x32xbf16>, %b: memref<8x32xbf16>, %c: memref<64x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %a restrict : memref<64x32xbf16> to tensor<64x32xbf16>
  %1 = bufferization.to_tensor %b restrict : memref<8x32xbf16> to tensor<8x32xbf16>
  %2 = bufferization.to_tensor %c restrict writable : memref<64x8xf32> to tensor<64x8xf32>
  %3 = linalg.fill ins(%zero : f32) outs(%2 : tensor<64x8xf32>) -> tensor<64x8xf32>
  %4 = linalg.generic {indexing_maps = [#m_k, #n_k, #m_n], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%0, %1 : tensor<64x32xbf16>, tensor<8x32xbf16>) outs(%3 : tensor<64x8xf32>) {
  ^bb0(%x: bf16, %y: bf16, %sum: f32):
    %5 = arith.extf %x : bf16 to f32
    %6 = arith.extf %y : bf16 to f32
    %7 = arith.mulf %5, %6 : f32
    %8 = arith.addf %sum, %7 : f32
    linalg.yield %8 : f32
  } -> tensor<64x8xf32>
  bufferization.materialize_in_destination %4 in restrict writable %c : (tensor<64x8xf32>, memref<64x8xf32>) -> ()
  return
}
