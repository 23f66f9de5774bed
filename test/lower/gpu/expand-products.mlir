// A product has the loops of the element-wise op that goes on with it.
// RUN: dale-opt %s --dale-expand-products --canonicalize | FileCheck %s

#id4 = affine_map<(n, h, w, c) -> (n, h, w, c)>

// CHECK-DAG: #[[PIXELS:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d4)>
// CHECK-DAG: #[[WEIGHTS:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d4, d3)>
// CHECK-DAG: #[[RESULT:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3)>

// The matrices of pixels are seen as maps.
// CHECK-LABEL: func.func @product(
// CHECK-SAME:  %[[X:.*]]: tensor<1x4x4x16xf32>, %[[W:.*]]: tensor<16x8xf32>
// CHECK-NOT:   tensor.expand_shape
// CHECK-NOT:   tensor.collapse_shape
// CHECK:       %[[Y:.*]] = linalg.generic {indexing_maps = [#[[PIXELS]], #[[WEIGHTS]], #[[RESULT]]]
// CHECK-SAME:    ins(%[[X]], %[[W]] :
// CHECK:       linalg.generic {{.*}} ins(%[[Y]] : tensor<1x4x4x8xf32>)
// CHECK-NEXT:  ^bb0
// CHECK-NEXT:    math.exp
func.func @product(%x: tensor<1x4x4x16xf32>, %w: tensor<16x8xf32>) -> tensor<1x4x4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %matrix = tensor.collapse_shape %x [[0, 1, 2], [3]] : tensor<1x4x4x16xf32> into tensor<16x16xf32>
  %empty = tensor.empty() : tensor<16x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x8xf32>) -> tensor<16x8xf32>
  %product = linalg.matmul ins(%matrix, %w : tensor<16x16xf32>, tensor<16x8xf32>)
      outs(%start : tensor<16x8xf32>) -> tensor<16x8xf32>
  %map = tensor.expand_shape %product [[0, 1, 2], [3]] output_shape [1, 4, 4, 8]
      : tensor<16x8xf32> into tensor<1x4x4x8xf32>
  %result = tensor.empty() : tensor<1x4x4x8xf32>
  %y = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%map : tensor<1x4x4x8xf32>) outs(%result : tensor<1x4x4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.exp %in : f32
    linalg.yield %0 : f32
  } -> tensor<1x4x4x8xf32>
  return %y : tensor<1x4x4x8xf32>
}

// A result that others need too has its place in memory.
// CHECK-LABEL: func.func @two_readers(
// CHECK:       linalg.matmul
// CHECK:       tensor.expand_shape
func.func @two_readers(%x: tensor<16x16xf32>, %w: tensor<16x8xf32>) -> (tensor<1x4x4x8xf32>, tensor<16x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<16x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x8xf32>) -> tensor<16x8xf32>
  %product = linalg.matmul ins(%x, %w : tensor<16x16xf32>, tensor<16x8xf32>)
      outs(%start : tensor<16x8xf32>) -> tensor<16x8xf32>
  %map = tensor.expand_shape %product [[0, 1, 2], [3]] output_shape [1, 4, 4, 8]
      : tensor<16x8xf32> into tensor<1x4x4x8xf32>
  %result = tensor.empty() : tensor<1x4x4x8xf32>
  %y = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%map : tensor<1x4x4x8xf32>) outs(%result : tensor<1x4x4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.exp %in : f32
    linalg.yield %0 : f32
  } -> tensor<1x4x4x8xf32>
  return %y, %product : tensor<1x4x4x8xf32>, tensor<16x8xf32>
}

// So has a product whose result it is added to.
// CHECK-LABEL: func.func @chain(
// CHECK-NOT:   tensor.expand_shape
// CHECK:       %[[FIRST:.*]] = linalg.generic {indexing_maps = [#[[PIXELS]], #[[WEIGHTS]], #[[RESULT]]]
// CHECK:       linalg.generic {indexing_maps = [#[[PIXELS]], #[[WEIGHTS]], #[[RESULT]]]{{.*}} outs(%[[FIRST]] :
func.func @chain(%x: tensor<1x4x4x16xf32>, %w: tensor<16x8xf32>, %v: tensor<16x8xf32>) -> tensor<1x4x4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %matrix = tensor.collapse_shape %x [[0, 1, 2], [3]] : tensor<1x4x4x16xf32> into tensor<16x16xf32>
  %empty = tensor.empty() : tensor<16x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x8xf32>) -> tensor<16x8xf32>
  %first = linalg.matmul ins(%matrix, %w : tensor<16x16xf32>, tensor<16x8xf32>)
      outs(%start : tensor<16x8xf32>) -> tensor<16x8xf32>
  %sum = linalg.matmul ins(%matrix, %v : tensor<16x16xf32>, tensor<16x8xf32>)
      outs(%first : tensor<16x8xf32>) -> tensor<16x8xf32>
  %map = tensor.expand_shape %sum [[0, 1, 2], [3]] output_shape [1, 4, 4, 8]
      : tensor<16x8xf32> into tensor<1x4x4x8xf32>
  %result = tensor.empty() : tensor<1x4x4x8xf32>
  %y = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%map : tensor<1x4x4x8xf32>) outs(%result : tensor<1x4x4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.exp %in : f32
    linalg.yield %0 : f32
  } -> tensor<1x4x4x8xf32>
  return %y : tensor<1x4x4x8xf32>
}
