// Maps that go from one stage to another are rounded in between.
// RUN: dale-opt %s --dale-round-maps | FileCheck %s

// The sum is taken before: it is exact.
// CHECK-LABEL: func.func @between(
// CHECK:      %[[FIRST:.*]]:2 = dale.stage ins
// CHECK:        %[[Y:.*]] = arith.addf
// CHECK:        %[[S:.*]] = dale.reduce %[[Y]]
// CHECK:        %[[ROUNDED:.*]] = arith.truncf %[[Y]] : tensor<1x4x4x8xf32> to tensor<1x4x4x8xbf16>
// CHECK:        dale.yield %[[ROUNDED]], %[[S]]
// CHECK:      -> tensor<?x4x4x8xbf16>, tensor<8xf32>
// CHECK:      dale.stage ins(%[[FIRST]]#0, %[[FIRST]]#1 : tensor<?x4x4x8xbf16>, tensor<8xf32>)
// CHECK-NEXT: ^bb0(%[[ARGUMENT:.*]]: tensor<1x4x4x8xbf16>, %{{.*}}: tensor<8xf32>):
// CHECK-NEXT:   %[[WIDE:.*]] = arith.extf %[[ARGUMENT]] : tensor<1x4x4x8xbf16> to tensor<1x4x4x8xf32>
// CHECK:        arith.mulf %[[WIDE]], %[[WIDE]]
// CHECK:      -> tensor<?x4x4x8xf32>
func.func @between(%x: tensor<?x4x4x8xf32>) -> tensor<?x4x4x8xf32> {
  %y, %s = dale.stage ins(%x : tensor<?x4x4x8xf32>) {
  ^bb0(%x1: tensor<1x4x4x8xf32>):
    %y1 = arith.addf %x1, %x1 : tensor<1x4x4x8xf32>
    %s1 = dale.reduce %y1 over [0, 1, 2] : tensor<1x4x4x8xf32> -> tensor<8xf32>
    dale.yield %y1, %s1 : tensor<1x4x4x8xf32>, tensor<8xf32>
  } -> tensor<?x4x4x8xf32>, tensor<8xf32>
  %z = dale.stage ins(%y, %s : tensor<?x4x4x8xf32>, tensor<8xf32>) {
  ^bb0(%y1: tensor<1x4x4x8xf32>, %s1: tensor<8xf32>):
    %z1 = arith.mulf %y1, %y1 : tensor<1x4x4x8xf32>
    dale.yield %z1 : tensor<1x4x4x8xf32>
  } -> tensor<?x4x4x8xf32>
  return %z : tensor<?x4x4x8xf32>
}

// What leaves the function stays as it is, whoever reads it besides; so do
// logits, which are no map.
// CHECK-LABEL: func.func @leaves(
// CHECK-NOT:  bf16
func.func @leaves(%x: tensor<?x4x4x8xf32>) -> (tensor<?x4x4x8xf32>, tensor<?x8xf32>) {
  %y, %l = dale.stage ins(%x : tensor<?x4x4x8xf32>) {
  ^bb0(%x1: tensor<1x4x4x8xf32>):
    %y1 = arith.addf %x1, %x1 : tensor<1x4x4x8xf32>
    %l1 = dale.reduce %y1 over [1, 2] : tensor<1x4x4x8xf32> -> tensor<1x8xf32>
    dale.yield %y1, %l1 : tensor<1x4x4x8xf32>, tensor<1x8xf32>
  } -> tensor<?x4x4x8xf32>, tensor<?x8xf32>
  %z = dale.stage ins(%y, %l : tensor<?x4x4x8xf32>, tensor<?x8xf32>) {
  ^bb0(%y1: tensor<1x4x4x8xf32>, %l1: tensor<1x8xf32>):
    %p1 = dale.reduce %y1 over [1, 2] : tensor<1x4x4x8xf32> -> tensor<1x8xf32>
    %z1 = arith.addf %p1, %l1 : tensor<1x8xf32>
    dale.yield %z1 : tensor<1x8xf32>
  } -> tensor<?x8xf32>
  return %y, %z : tensor<?x4x4x8xf32>, tensor<?x8xf32>
}
