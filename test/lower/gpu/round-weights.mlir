// Weights that only products on tensor cores read are rounded once.
// RUN: dale-opt %s --dale-round-weights --cse | FileCheck %s

// The stage that gives them does so, of the right factor [terms, columns] the columns one
// behind the other; products read it widened, as it was before.
// CHECK-LABEL: func.func @weights(
// CHECK:       %[[W:.*]] = dale.stage once
// CHECK:         %[[SUM:.*]] = arith.addf
// CHECK:         %[[T:.*]] = dale.transpose %[[SUM]] : tensor<32x8xf32> -> tensor<8x32xf32>
// CHECK:         %[[ROUNDED:.*]] = arith.truncf %[[T]] : tensor<8x32xf32> to tensor<8x32xbf16>
// CHECK:         dale.yield %[[ROUNDED]] : tensor<8x32xbf16>
// CHECK:       } -> tensor<8x32xbf16>
// CHECK:       dale.stage ins(%{{.*}}, %[[W]] : tensor<?x4x4x32xf32>, tensor<8x32xbf16>) {
// CHECK-NEXT:  ^bb0(%[[X1:.*]]: tensor<1x4x4x32xf32>, %[[W1:.*]]: tensor<8x32xbf16>):
// CHECK-NEXT:    %[[WIDE:.*]] = arith.extf %[[W1]] : tensor<8x32xbf16> to tensor<8x32xf32>
// CHECK-NEXT:    %[[B:.*]] = dale.transpose %[[WIDE]] : tensor<8x32xf32> -> tensor<32x8xf32>
// CHECK-NEXT:    dale.pointwise_conv %[[X1]], %[[B]]
func.func @weights(%a: tensor<32x8xf32>, %x: tensor<?x4x4x32xf32>) -> tensor<?x4x4x8xf32> {
  %w = dale.stage once ins(%a : tensor<32x8xf32>) {
  ^bb0(%a1: tensor<32x8xf32>):
    %0 = arith.addf %a1, %a1 : tensor<32x8xf32>
    dale.yield %0 : tensor<32x8xf32>
  } -> tensor<32x8xf32>
  %y = dale.stage ins(%x, %w : tensor<?x4x4x32xf32>, tensor<32x8xf32>) {
  ^bb0(%x1: tensor<1x4x4x32xf32>, %w1: tensor<32x8xf32>):
    %0 = dale.pointwise_conv %x1, %w1 : tensor<1x4x4x32xf32>, tensor<32x8xf32> -> tensor<1x4x4x8xf32>
    dale.yield %0 : tensor<1x4x4x8xf32>
  } -> tensor<?x4x4x8xf32>
  return %y : tensor<?x4x4x8xf32>
}

// What others read as well they still get as it is, and none gets it twice.
// CHECK-LABEL: func.func @both(
// CHECK:       %[[W:.*]]:2 = dale.stage once
// CHECK:         dale.yield %[[AS_IS:.*]], %[[ROUNDED:.*]] : tensor<16x16xf32>, tensor<16x16xbf16>
// CHECK:       } -> tensor<16x16xf32>, tensor<16x16xbf16>
// CHECK:       dale.stage ins(%{{.*}}, %[[W]]#1 : tensor<?x4x4x16xf32>, tensor<16x16xbf16>)
// CHECK:       return %{{.*}}, %[[W]]#0
func.func @both(%a: tensor<16x16xf32>, %x: tensor<?x4x4x16xf32>)
    -> (tensor<?x4x4x16xf32>, tensor<16x16xf32>) {
  %w = dale.stage once ins(%a : tensor<16x16xf32>) {
  ^bb0(%a1: tensor<16x16xf32>):
    %0 = arith.addf %a1, %a1 : tensor<16x16xf32>
    dale.yield %0 : tensor<16x16xf32>
  } -> tensor<16x16xf32>
  %y = dale.stage ins(%x, %w : tensor<?x4x4x16xf32>, tensor<16x16xf32>) {
  ^bb0(%x1: tensor<1x4x4x16xf32>, %w1: tensor<16x16xf32>):
    %0 = dale.pointwise_conv %x1, %w1 : tensor<1x4x4x16xf32>, tensor<16x16xf32> -> tensor<1x4x4x16xf32>
    dale.yield %0 : tensor<1x4x4x16xf32>
  } -> tensor<?x4x4x16xf32>
  return %y, %w : tensor<?x4x4x16xf32>, tensor<16x16xf32>
}

// Not those of a product that tensor cores do not compute: of one row of an image (a dense
// layer), or of sizes that no instruction has; nor what a stage does more with.
// CHECK-LABEL: func.func @others(
// CHECK-NOT:   bf16
func.func @others(%a: tensor<16x16xf32>, %b: tensor<16x4xf32>, %x: tensor<?x4x4x16xf32>, %r: tensor<?x16xf32>)
    -> (tensor<?x16xf32>, tensor<?x4x4x4xf32>, tensor<?x4x4x16xf32>) {
  %v, %w, %u = dale.stage once ins(%a, %b : tensor<16x16xf32>, tensor<16x4xf32>) {
  ^bb0(%a1: tensor<16x16xf32>, %b1: tensor<16x4xf32>):
    %0 = arith.addf %a1, %a1 : tensor<16x16xf32>
    %1 = arith.addf %b1, %b1 : tensor<16x4xf32>
    %2 = arith.mulf %a1, %a1 : tensor<16x16xf32>
    dale.yield %0, %1, %2 : tensor<16x16xf32>, tensor<16x4xf32>, tensor<16x16xf32>
  } -> tensor<16x16xf32>, tensor<16x4xf32>, tensor<16x16xf32>
  %y = dale.stage ins(%r, %v : tensor<?x16xf32>, tensor<16x16xf32>) {
  ^bb0(%r1: tensor<1x16xf32>, %v1: tensor<16x16xf32>):
    %0 = dale.pointwise_conv %r1, %v1 : tensor<1x16xf32>, tensor<16x16xf32> -> tensor<1x16xf32>
    dale.yield %0 : tensor<1x16xf32>
  } -> tensor<?x16xf32>
  %z = dale.stage ins(%x, %w : tensor<?x4x4x16xf32>, tensor<16x4xf32>) {
  ^bb0(%x1: tensor<1x4x4x16xf32>, %w1: tensor<16x4xf32>):
    %0 = dale.pointwise_conv %x1, %w1 : tensor<1x4x4x16xf32>, tensor<16x4xf32> -> tensor<1x4x4x4xf32>
    dale.yield %0 : tensor<1x4x4x4xf32>
  } -> tensor<?x4x4x4xf32>
  %t = dale.stage ins(%x, %u : tensor<?x4x4x16xf32>, tensor<16x16xf32>) {
  ^bb0(%x1: tensor<1x4x4x16xf32>, %u1: tensor<16x16xf32>):
    %0 = arith.addf %u1, %u1 : tensor<16x16xf32>
    %1 = dale.pointwise_conv %x1, %u1 : tensor<1x4x4x16xf32>, tensor<16x16xf32> -> tensor<1x4x4x16xf32>
    %2 = dale.pointwise_conv %1, %0 : tensor<1x4x4x16xf32>, tensor<16x16xf32> -> tensor<1x4x4x16xf32>
    dale.yield %2 : tensor<1x4x4x16xf32>
  } -> tensor<?x4x4x16xf32>
  return %y, %z, %t : tensor<?x16xf32>, tensor<?x4x4x4xf32>, tensor<?x4x4x16xf32>
}
