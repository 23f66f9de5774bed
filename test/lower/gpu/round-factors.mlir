// What products on tensor cores read is kept in bf16.
// RUN: dale-opt %s --dale-round-factors --canonicalize --cse | FileCheck %s
// RUN: dale-opt %s --dale-round-factors --canonicalize --dale-fuse-elementwise --canonicalize | FileCheck %s --check-prefix=FUSED

#id4 = affine_map<(n, h, w, c) -> (n, h, w, c)>

// CHECK-LABEL: func.func @factor(
// CHECK:       %[[Y:.*]] = linalg.generic
// CHECK:         math.exp
// CHECK:       } -> tensor<1x4x4x16xf32>
// CHECK:       %[[ROUNDED:.*]] = linalg.generic {{.*}} ins(%[[Y]] : tensor<1x4x4x16xf32>)
// CHECK:         arith.truncf
// CHECK:       } -> tensor<1x4x4x16xbf16>
// CHECK:       %[[MATRIX:.*]] = tensor.collapse_shape %[[ROUNDED]]
// CHECK:       linalg.generic {{.*}} ins(%[[MATRIX]], %{{.*}} : tensor<16x16xbf16>, tensor<16x8xf32>)
// CHECK:         arith.extf
// CHECK-NEXT:    arith.mulf
// Who computes it rounds it.
// FUSED-LABEL: func.func @factor(
// FUSED:         math.exp
// FUSED-NEXT:    arith.truncf
// FUSED-NEXT:    linalg.yield {{.*}} : bf16
func.func @factor(%x: tensor<1x4x4x16xf32>, %w: tensor<16x8xf32>, %sums: tensor<16x8xf32>) -> tensor<16x8xf32> {
  %empty = tensor.empty() : tensor<1x4x4x16xf32>
  %y = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x4x16xf32>) outs(%empty : tensor<1x4x4x16xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.exp %in : f32
    linalg.yield %0 : f32
  } -> tensor<1x4x4x16xf32>
  %matrix = tensor.collapse_shape %y [[0, 1, 2], [3]] : tensor<1x4x4x16xf32> into tensor<16x16xf32>
  %z = linalg.matmul ins(%matrix, %w : tensor<16x16xf32>, tensor<16x8xf32>) outs(%sums : tensor<16x8xf32>) -> tensor<16x8xf32>
  return %z : tensor<16x8xf32>
}

// Others still read it as it was; so does a product whose sizes no instruction has.
// CHECK-LABEL: func.func @others(
// CHECK:       %[[Y:.*]]:2 = linalg.generic
// CHECK:       %[[ROUNDED:.*]] = linalg.generic {{.*}} ins(%[[Y]]#0 : tensor<1x4x4x16xf32>)
// CHECK:         arith.truncf
// CHECK:       %[[MATRIX:.*]] = tensor.collapse_shape %[[ROUNDED]]
// CHECK:       linalg.generic {{.*}} ins(%[[MATRIX]], %{{.*}} : tensor<16x16xbf16>, tensor<16x8xf32>)
// CHECK:       %[[WIDE:.*]] = tensor.collapse_shape %[[Y]]#1
// CHECK:       linalg.matmul ins(%[[WIDE]], %{{.*}} : tensor<16x16xf32>, tensor<16x3xf32>)
// CHECK:       return %{{.*}}, %{{.*}}, %[[Y]]#0
func.func @others(%x: tensor<1x4x4x16xf32>, %w: tensor<16x8xf32>, %v: tensor<16x3xf32>,
                  %sums: tensor<16x8xf32>, %three: tensor<16x3xf32>)
    -> (tensor<16x8xf32>, tensor<16x3xf32>, tensor<1x4x4x16xf32>) {
  %empty = tensor.empty() : tensor<1x4x4x16xf32>
  %y:2 = linalg.generic {indexing_maps = [#id4, #id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x4x16xf32>) outs(%empty, %empty : tensor<1x4x4x16xf32>, tensor<1x4x4x16xf32>) {
  ^bb0(%in: f32, %out: f32, %out2: f32):
    %0 = math.exp %in : f32
    %1 = math.sqrt %in : f32
    linalg.yield %0, %1 : f32, f32
  } -> (tensor<1x4x4x16xf32>, tensor<1x4x4x16xf32>)
  %matrix = tensor.collapse_shape %y#0 [[0, 1, 2], [3]] : tensor<1x4x4x16xf32> into tensor<16x16xf32>
  %z = linalg.matmul ins(%matrix, %w : tensor<16x16xf32>, tensor<16x8xf32>) outs(%sums : tensor<16x8xf32>) -> tensor<16x8xf32>
  %matrix1 = tensor.collapse_shape %y#1 [[0, 1, 2], [3]] : tensor<1x4x4x16xf32> into tensor<16x16xf32>
  %u = linalg.matmul ins(%matrix1, %v : tensor<16x16xf32>, tensor<16x3xf32>) outs(%three : tensor<16x3xf32>) -> tensor<16x3xf32>
  return %z, %u, %y#0 : tensor<16x8xf32>, tensor<16x3xf32>, tensor<1x4x4x16xf32>
}

// Not what the function is given: who computed that would have to.
// CHECK-LABEL: func.func @given(
// CHECK-NOT:   bf16
// CHECK:       return
func.func @given(%x: tensor<16x16xf32>, %w: tensor<16x8xf32>, %sums: tensor<16x8xf32>) -> tensor<16x8xf32> {
  %z = linalg.matmul ins(%x, %w : tensor<16x16xf32>, tensor<16x8xf32>) outs(%sums : tensor<16x8xf32>) -> tensor<16x8xf32>
  return %z : tensor<16x8xf32>
}
