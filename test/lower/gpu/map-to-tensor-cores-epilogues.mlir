// What goes on with a product does so with what a lane has of its result.
// RUN: dale-opt %s --dale-map-to-tensor-cores="precision=tf32 warps=1" --canonicalize --cse | FileCheck %s

#pixels = affine_map<(n, h, w, c, k) -> (n, h, w, k)>
#weights = affine_map<(n, h, w, c, k) -> (k, c)>
#sums = affine_map<(n, h, w, c, k) -> (n, h, w, c)>
#id = affine_map<(n, h, w, c) -> (n, h, w, c)>
#channel = affine_map<(n, h, w, c) -> (c)>

// Here these are four columns of two rows. The bias is read for its columns.
// CHECK-LABEL: func.func private @epilogue(
// CHECK-SAME:  %[[X:[a-z0-9]+]]: memref<1x4x4x16xf32>, %[[W:[a-z0-9]+]]: memref<16x16xf32>, %[[BIAS:[a-z0-9]+]]: memref<16xf32>, %[[Y:[a-z0-9]+]]: memref<1x4x4x16xf32>)
// CHECK:       %[[B:.*]] = bufferization.to_tensor %[[BIAS]]
// CHECK:       scf.forall (%[[ROW:.*]], %[[COLUMN:.*]]) = (0, 0) to (16, 16) step (16, 16) {
// CHECK-COUNT-4:   nvgpu.mma.sync
// CHECK:         %[[COLUMNS:.*]] = vector.from_elements {{.*}} : vector<4xf32>
// CHECK:         %[[PART:.*]] = tensor.extract_slice %[[B]][%[[C:.*]]] [4] [1]
// CHECK:         %[[BIASES:.*]] = vector.transfer_read %[[PART]]
// CHECK:         %[[SUM:.*]] = arith.addf %[[COLUMNS]], %[[BIASES]] : vector<4xf32>
// CHECK-NEXT:    vector.store %[[SUM]], %[[Y]][%c0, %{{.*}}, %{{.*}}, %[[C]]]
// CHECK:         arith.addf
// CHECK-NEXT:    vector.store
// CHECK-NOT:     vector.store
// CHECK:       return
func.func private @epilogue(%x: memref<1x4x4x16xf32>, %w: memref<16x16xf32>, %bias: memref<16xf32>, %y: memref<1x4x4x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %x restrict : memref<1x4x4x16xf32> to tensor<1x4x4x16xf32>
  %1 = bufferization.to_tensor %w restrict : memref<16x16xf32> to tensor<16x16xf32>
  %empty = tensor.empty() : tensor<1x4x4x16xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x4x4x16xf32>) -> tensor<1x4x4x16xf32>
  %product = linalg.generic {indexing_maps = [#pixels, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%0, %1 : tensor<1x4x4x16xf32>, tensor<16x16xf32>) outs(%start : tensor<1x4x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %4 = arith.mulf %a, %b : f32
    %5 = arith.addf %c, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<1x4x4x16xf32>
  %2 = bufferization.to_tensor %bias restrict : memref<16xf32> to tensor<16xf32>
  %3 = bufferization.to_tensor %y restrict writable : memref<1x4x4x16xf32> to tensor<1x4x4x16xf32>
  %sum = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%product, %2 : tensor<1x4x4x16xf32>, tensor<16xf32>) outs(%3 : tensor<1x4x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %4 = arith.addf %a, %b : f32
    linalg.yield %4 : f32
  } -> tensor<1x4x4x16xf32>
  bufferization.materialize_in_destination %sum in restrict writable %y : (tensor<1x4x4x16xf32>, memref<1x4x4x16xf32>) -> ()
  return
}

// Two products are added in the same registers, and the op goes on with that and a
// third, which starts from the same zeros.
// CHECK-LABEL: func.func private @sums(
// CHECK:       scf.forall
// CHECK-COUNT-4: nvgpu.mma.sync({{.*}}, {{.*}}, %{{.*}})
// CHECK-COUNT-4: nvgpu.mma.sync
// CHECK-COUNT-4: nvgpu.mma.sync({{.*}}, {{.*}}, %{{.*}})
// CHECK-NOT:     nvgpu.mma.sync
// CHECK-DAG:     %[[SUM:.*]] = vector.from_elements {{.*}} : vector<4xf32>
// CHECK-DAG:     %[[OTHER:.*]] = vector.from_elements {{.*}} : vector<4xf32>
// CHECK:         arith.mulf %{{.*}}, %{{.*}} : vector<4xf32>
// CHECK-NEXT:    vector.store
// CHECK-NOT:     linalg.generic
// CHECK:         return
func.func private @sums(%x: memref<1x4x4x16xf32>, %w: memref<16x16xf32>, %v: memref<16x16xf32>, %y: memref<1x4x4x16xf32>) {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %x restrict : memref<1x4x4x16xf32> to tensor<1x4x4x16xf32>
  %1 = bufferization.to_tensor %w restrict : memref<16x16xf32> to tensor<16x16xf32>
  %2 = bufferization.to_tensor %v restrict : memref<16x16xf32> to tensor<16x16xf32>
  %empty = tensor.empty() : tensor<1x4x4x16xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x4x4x16xf32>) -> tensor<1x4x4x16xf32>
  %first = linalg.generic {indexing_maps = [#pixels, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%0, %1 : tensor<1x4x4x16xf32>, tensor<16x16xf32>) outs(%start : tensor<1x4x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %4 = arith.mulf %a, %b : f32
    %5 = arith.addf %c, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<1x4x4x16xf32>
  %second = linalg.generic {indexing_maps = [#pixels, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%0, %1 : tensor<1x4x4x16xf32>, tensor<16x16xf32>) outs(%first : tensor<1x4x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %4 = arith.mulf %a, %b : f32
    %5 = arith.addf %c, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<1x4x4x16xf32>
  %third = linalg.generic {indexing_maps = [#pixels, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%0, %2 : tensor<1x4x4x16xf32>, tensor<16x16xf32>) outs(%start : tensor<1x4x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %4 = arith.mulf %a, %b : f32
    %5 = arith.addf %c, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<1x4x4x16xf32>
  %3 = bufferization.to_tensor %y restrict writable : memref<1x4x4x16xf32> to tensor<1x4x4x16xf32>
  %result = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%second, %third : tensor<1x4x4x16xf32>, tensor<1x4x4x16xf32>) outs(%3 : tensor<1x4x4x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %4 = arith.mulf %a, %b : f32
    linalg.yield %4 : f32
  } -> tensor<1x4x4x16xf32>
  bufferization.materialize_in_destination %result in restrict writable %y : (tensor<1x4x4x16xf32>, memref<1x4x4x16xf32>) -> ()
  return
}
