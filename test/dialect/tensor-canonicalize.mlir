// Folds and canonical forms of the tensor ops.
// RUN: dale-opt %s --canonicalize | FileCheck %s

// A broadcast splat is a splat.
// CHECK-LABEL: func.func @splat
// CHECK-NEXT: %[[C:.*]] = arith.constant dense<2.500000e-01> : tensor<2x3x4xf32>
// CHECK-NEXT: return %[[C]]
func.func @splat() -> tensor<2x3x4xf32> {
  %quarter = arith.constant dense<0.25> : tensor<4xf32>
  %0 = dale.broadcast %quarter along [0, 1] : tensor<4xf32> -> tensor<2x3x4xf32>
  return %0 : tensor<2x3x4xf32>
}

// So is it then in arithmetic.
// CHECK-LABEL: func.func @times_one(
// CHECK-SAME: %[[X:.*]]: tensor<2x4xf32>
// CHECK-NEXT: return %[[X]]
func.func @times_one(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %one = arith.constant dense<1.0> : tensor<f32>
  %ones = dale.broadcast %one along [0, 1] : tensor<f32> -> tensor<2x4xf32>
  %0 = arith.mulf %x, %ones : tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// Not one that is as large as the batch, and no tensor whose elements differ.
// CHECK-LABEL: func.func @no_splat
// CHECK:      dale.broadcast %{{.*}} along [0] like %{{.*}} : tensor<4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
// CHECK:      dale.broadcast %{{.*}} along [0] : tensor<4xf32> -> tensor<2x4xf32>
func.func @no_splat(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<2x4xf32>) {
  %one = arith.constant dense<1.0> : tensor<4xf32>
  %0 = dale.broadcast %one along [0] like %x : tensor<4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %counts = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %1 = dale.broadcast %counts along [0] : tensor<4xf32> -> tensor<2x4xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<2x4xf32>
}

// A result of static shape needs nothing to be like, a batched one does.
// CHECK-LABEL: func.func @like
// CHECK:      dale.broadcast %{{.*}} along [0, 1] : tensor<4xf32> -> tensor<1x8x4xf32>
// CHECK:      dale.broadcast %{{.*}} along [0, 1] like %{{.*}} : tensor<4xf32>, tensor<?x8x4xf32> -> tensor<?x8x4xf32>
func.func @like(%b: tensor<4xf32>, %x: tensor<1x8x4xf32>, %y: tensor<?x8x4xf32>)
    -> (tensor<1x8x4xf32>, tensor<?x8x4xf32>) {
  %0 = dale.broadcast %b along [0, 1] like %x
      : tensor<4xf32>, tensor<1x8x4xf32> -> tensor<1x8x4xf32>
  %1 = dale.broadcast %b along [0, 1] like %y
      : tensor<4xf32>, tensor<?x8x4xf32> -> tensor<?x8x4xf32>
  return %0, %1 : tensor<1x8x4xf32>, tensor<?x8x4xf32>
}

// A stage forgets the inputs that it does not use.
// CHECK-LABEL: func.func @unused_inputs(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[Y:[a-z0-9]+]]: tensor<?x8xf32>, %[[W:[a-z0-9]+]]: tensor<4xf32>
// CHECK-NEXT: dale.stage ins(%[[X]] : tensor<?x4xf32>) {
// CHECK-NEXT: ^bb0(%[[X1:.*]]: tensor<1x4xf32>):
// CHECK-NEXT: dale.yield %[[X1]]
func.func @unused_inputs(%x: tensor<?x4xf32>, %y: tensor<?x8xf32>, %w: tensor<4xf32>)
    -> tensor<?x4xf32> {
  %0 = dale.stage ins(%w, %x, %y : tensor<4xf32>, tensor<?x4xf32>, tensor<?x8xf32>) {
  ^bb0(%w1: tensor<4xf32>, %x1: tensor<1x4xf32>, %y1: tensor<1x8xf32>):
    dale.yield %x1 : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// The last batched one stays: it says how many images there are.
// CHECK-LABEL: func.func @last_batched_input(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[Y:[a-z0-9]+]]: tensor<?x8xf32>, %[[W:[a-z0-9]+]]: tensor<1x4xf32>
// CHECK-NEXT: dale.stage ins(%[[W]], %[[Y]] : tensor<1x4xf32>, tensor<?x8xf32>) {
func.func @last_batched_input(%x: tensor<?x4xf32>, %y: tensor<?x8xf32>, %w: tensor<1x4xf32>)
    -> tensor<?x4xf32> {
  %0 = dale.stage ins(%w, %x, %y : tensor<1x4xf32>, tensor<?x4xf32>, tensor<?x8xf32>) {
  ^bb0(%w1: tensor<1x4xf32>, %x1: tensor<1x4xf32>, %y1: tensor<1x8xf32>):
    dale.yield %w1 : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
