// What is stored is computed where it is stored.
// RUN: dale-opt %s --dale-place-results | FileCheck %s

// The product starts from zeros in its destination, also where both are seen in
// another shape. No others are left to fill.
// CHECK-LABEL: func.func @product(
// CHECK-SAME: %[[OUT:[a-z0-9]+]]: memref<1x2x4x4xf32>)
// CHECK-NOT:  tensor.empty
// CHECK:      %[[PLACE:.*]] = bufferization.to_tensor %[[OUT]] restrict writable
// CHECK-NEXT: %[[ZEROS:.*]] = linalg.fill ins(%{{.*}}) outs(%[[PLACE]]
// CHECK-NEXT: %[[MATRIX:.*]] = tensor.collapse_shape %[[ZEROS]]
// CHECK-NEXT: %[[Y:.*]] = linalg.matmul {{.*}} outs(%[[MATRIX]]
// CHECK-NEXT: %[[MAP:.*]] = tensor.expand_shape %[[Y]]
// CHECK-NEXT: bufferization.materialize_in_destination %[[MAP]] in restrict writable %[[OUT]]
func.func @product(%a: tensor<8x4xf32>, %b: tensor<4x4xf32>, %out: memref<1x2x4x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x2x4x4xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %start = tensor.collapse_shape %zeros [[0, 1, 2], [3]] : tensor<1x2x4x4xf32> into tensor<8x4xf32>
  %y = linalg.matmul ins(%a, %b : tensor<8x4xf32>, tensor<4x4xf32>)
      outs(%start : tensor<8x4xf32>) -> tensor<8x4xf32>
  %map = tensor.expand_shape %y [[0, 1, 2], [3]] output_shape [1, 2, 4, 4]
      : tensor<8x4xf32> into tensor<1x2x4x4xf32>
  bufferization.materialize_in_destination %map in restrict writable %out
      : (tensor<1x2x4x4xf32>, memref<1x2x4x4xf32>) -> ()
  return
}

// Two results that start from one tensor start in two places, each from zeros of
// its own.
// CHECK-LABEL: func.func @two_results(
// CHECK-SAME: %[[P:[a-z0-9]+]]: memref<8x4xf32>, %[[Q:[a-z0-9]+]]: memref<8x4xf32>)
// CHECK-NOT:  tensor.empty
// CHECK:      %[[IN_P:.*]] = bufferization.to_tensor %[[P]] restrict writable
// CHECK-NEXT: %[[ZEROS_P:.*]] = linalg.fill ins(%{{.*}}) outs(%[[IN_P]]
// CHECK-NEXT: %[[Y:.*]] = linalg.matmul {{.*}} outs(%[[ZEROS_P]]
// CHECK-NEXT: %[[IN_Q:.*]] = bufferization.to_tensor %[[Q]] restrict writable
// CHECK-NEXT: %[[ZEROS_Q:.*]] = linalg.fill ins(%{{.*}}) outs(%[[IN_Q]]
// CHECK-NEXT: %[[Z:.*]] = linalg.matmul ins(%[[Y]], {{.*}} outs(%[[ZEROS_Q]]
// CHECK-NEXT: bufferization.materialize_in_destination %[[Y]] in restrict writable %[[P]]
// CHECK-NEXT: bufferization.materialize_in_destination %[[Z]] in restrict writable %[[Q]]
func.func @two_results(%a: tensor<8x4xf32>, %b: tensor<4x4xf32>, %p: memref<8x4xf32>,
                       %q: memref<8x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x4xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<8x4xf32>) -> tensor<8x4xf32>
  %y = linalg.matmul ins(%a, %b : tensor<8x4xf32>, tensor<4x4xf32>)
      outs(%zeros : tensor<8x4xf32>) -> tensor<8x4xf32>
  %z = linalg.matmul ins(%y, %b : tensor<8x4xf32>, tensor<4x4xf32>)
      outs(%zeros : tensor<8x4xf32>) -> tensor<8x4xf32>
  bufferization.materialize_in_destination %y in restrict writable %p
      : (tensor<8x4xf32>, memref<8x4xf32>) -> ()
  bufferization.materialize_in_destination %z in restrict writable %q
      : (tensor<8x4xf32>, memref<8x4xf32>) -> ()
  return
}

// One result in two places is computed in the first, and copied.
// CHECK-LABEL: func.func @two_places(
// CHECK-SAME: %[[P:[a-z0-9]+]]: memref<8x4xf32>, %[[Q:[a-z0-9]+]]: memref<8x4xf32>)
// CHECK:      bufferization.to_tensor %[[P]] restrict writable
// CHECK-NOT:  bufferization.to_tensor %[[Q]]
// CHECK:      bufferization.materialize_in_destination %[[Y:.*]] in restrict writable %[[P]]
// CHECK-NEXT: bufferization.materialize_in_destination %[[Y]] in restrict writable %[[Q]]
func.func @two_places(%x: tensor<8x4xf32>, %p: memref<8x4xf32>, %q: memref<8x4xf32>) {
  %empty = tensor.empty() : tensor<8x4xf32>
  %y = linalg.exp ins(%x : tensor<8x4xf32>) outs(%empty : tensor<8x4xf32>) -> tensor<8x4xf32>
  bufferization.materialize_in_destination %y in restrict writable %p
      : (tensor<8x4xf32>, memref<8x4xf32>) -> ()
  bufferization.materialize_in_destination %y in restrict writable %q
      : (tensor<8x4xf32>, memref<8x4xf32>) -> ()
  return
}

// One image's slice of the destination is taken before the op.
// CHECK-LABEL: func.func @slice(
// CHECK:      %[[SLICE:.*]] = memref.subview
// CHECK-NEXT: %[[PLACE:.*]] = bufferization.to_tensor %[[SLICE]] restrict writable
// CHECK-NEXT: linalg.exp {{.*}} outs(%[[PLACE]]
func.func @slice(%x: tensor<1x4xf32>, %out: memref<?x4xf32>, %image: index) {
  %empty = tensor.empty() : tensor<1x4xf32>
  %y = linalg.exp ins(%x : tensor<1x4xf32>) outs(%empty : tensor<1x4xf32>) -> tensor<1x4xf32>
  %place = memref.subview %out[%image, 0] [1, 4] [1, 1]
      : memref<?x4xf32> to memref<1x4xf32, strided<[4, 1], offset: ?>>
  bufferization.materialize_in_destination %y in restrict writable %place
      : (tensor<1x4xf32>, memref<1x4xf32, strided<[4, 1], offset: ?>>) -> ()
  return
}

// What starts from another value is not moved.
// CHECK-LABEL: func.func @accumulator(
// CHECK-SAME: %[[ACC:[a-z0-9]+]]: tensor<8x4xf32>, %[[OUT:[a-z0-9]+]]: memref<8x4xf32>)
// CHECK-NOT:  bufferization.to_tensor %[[OUT]]
// CHECK:      linalg.matmul {{.*}} outs(%[[ACC]]
func.func @accumulator(%a: tensor<8x4xf32>, %b: tensor<4x4xf32>, %acc: tensor<8x4xf32>,
                       %out: memref<8x4xf32>) {
  %y = linalg.matmul ins(%a, %b : tensor<8x4xf32>, tensor<4x4xf32>)
      outs(%acc : tensor<8x4xf32>) -> tensor<8x4xf32>
  bufferization.materialize_in_destination %y in restrict writable %out
      : (tensor<8x4xf32>, memref<8x4xf32>) -> ()
  return
}

// A constant is filled in, and no array in the program is copied.
// CHECK-LABEL: func.func @constant(
// CHECK-SAME: %[[OUT:[a-z0-9]+]]: memref<2x4xf32>)
// CHECK:      %[[PLACE:.*]] = bufferization.to_tensor %[[OUT]] restrict writable
// CHECK:      %[[ZEROS:.*]] = linalg.fill ins(%{{.*}} : f32) outs(%[[PLACE]]
// CHECK-NEXT: bufferization.materialize_in_destination %[[ZEROS]] in restrict writable %[[OUT]]
func.func @constant(%out: memref<2x4xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<2x4xf32>
  bufferization.materialize_in_destination %zeros in restrict writable %out
      : (tensor<2x4xf32>, memref<2x4xf32>) -> ()
  return
}
