// One function for all equal stages.
// RUN: dale-opt %s --dale-outline-stages | FileCheck %s

// Both steps call one function; it holds the stage, and its operands are the
// stage's.
// CHECK-LABEL: func.func @steps(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[W:[a-z0-9]+]]: tensor<4x4xf32>
// CHECK-NEXT: %[[Y:.*]] = call @[[PRODUCT:.*]](%[[X]], %[[W]]) : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
// CHECK-NEXT: %[[Z:.*]] = call @[[PRODUCT]](%[[Y]], %[[W]]) : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
// CHECK-NEXT: return %[[Z]]
func.func @steps(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  %y = dale.stage ins(%x, %w : tensor<?x4xf32>, tensor<4x4xf32>) {
  ^bb0(%x1: tensor<1x4xf32>, %w1: tensor<4x4xf32>):
    %0 = dale.pointwise_conv %x1, %w1 : tensor<1x4xf32>, tensor<4x4xf32> -> tensor<1x4xf32>
    dale.yield %0 : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  %z = dale.stage ins(%y, %w : tensor<?x4xf32>, tensor<4x4xf32>) {
  ^bb0(%x1: tensor<1x4xf32>, %w1: tensor<4x4xf32>):
    %0 = dale.pointwise_conv %x1, %w1 : tensor<1x4xf32>, tensor<4x4xf32> -> tensor<1x4xf32>
    dale.yield %0 : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// Stages of another function too. Stages that differ in one op's attribute, in
// which operand an op takes, or in running once, are different.
// CHECK-LABEL: func.func @others(
// CHECK:      call @[[PRODUCT]](
// CHECK:      call @[[FIRST:.*]](%{{.*}}) : (tensor<?x2x2xf32>) -> tensor<?x2xf32>
// CHECK-NOT:  call @[[FIRST]](
// CHECK:      call @[[SECOND:.*]](%{{.*}}) : (tensor<?x2x2xf32>) -> tensor<?x2xf32>
// CHECK:      call @[[AB:.*]](%{{.*}}, %{{.*}}) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
// CHECK-NOT:  call @[[AB]](
// CHECK:      call @{{.*}}(%{{.*}}, %{{.*}}) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
func.func @others(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>, %y: tensor<?x2x2xf32>,
                  %a: tensor<1x4xf32>, %b: tensor<1x4xf32>)
    -> (tensor<?x4xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<1x4xf32>, tensor<1x4xf32>) {
  %0 = dale.stage ins(%x, %w : tensor<?x4xf32>, tensor<4x4xf32>) {
  ^bb0(%x1: tensor<1x4xf32>, %w1: tensor<4x4xf32>):
    %5 = dale.pointwise_conv %x1, %w1 : tensor<1x4xf32>, tensor<4x4xf32> -> tensor<1x4xf32>
    dale.yield %5 : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  %1 = dale.stage ins(%y : tensor<?x2x2xf32>) {
  ^bb0(%y1: tensor<1x2x2xf32>):
    %5 = dale.reduce %y1 over [1] : tensor<1x2x2xf32> -> tensor<1x2xf32>
    dale.yield %5 : tensor<1x2xf32>
  } -> tensor<?x2xf32>
  %2 = dale.stage ins(%y : tensor<?x2x2xf32>) {
  ^bb0(%y1: tensor<1x2x2xf32>):
    %5 = dale.reduce %y1 over [2] : tensor<1x2x2xf32> -> tensor<1x2xf32>
    dale.yield %5 : tensor<1x2xf32>
  } -> tensor<?x2xf32>
  %3 = dale.stage once ins(%a, %b : tensor<1x4xf32>, tensor<1x4xf32>) {
  ^bb0(%a1: tensor<1x4xf32>, %b1: tensor<1x4xf32>):
    %5 = arith.subf %a1, %b1 : tensor<1x4xf32>
    dale.yield %5 : tensor<1x4xf32>
  } -> tensor<1x4xf32>
  %4 = dale.stage once ins(%a, %b : tensor<1x4xf32>, tensor<1x4xf32>) {
  ^bb0(%a1: tensor<1x4xf32>, %b1: tensor<1x4xf32>):
    %5 = arith.subf %b1, %a1 : tensor<1x4xf32>
    dale.yield %5 : tensor<1x4xf32>
  } -> tensor<1x4xf32>
  return %0, %1, %2, %3, %4
      : tensor<?x4xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<1x4xf32>, tensor<1x4xf32>
}

// CHECK:      func.func private @[[PRODUCT]](%[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<4x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT:   %[[Y:.*]] = dale.stage ins(%[[X]], %[[W]] : tensor<?x4xf32>, tensor<4x4xf32>) {
// CHECK:        return %[[Y]]
// CHECK:      func.func private @[[FIRST]](
// CHECK:        dale.reduce %{{.*}} over [1]
// CHECK:      func.func private @[[SECOND]](
// CHECK:        dale.reduce %{{.*}} over [2]
// CHECK:      func.func private @[[AB]](
// CHECK:        dale.stage once
// CHECK-COUNT-1: func.func private
// CHECK-NOT:  func.func
