// Element-wise ops of one image are fused wherever each element is then computed
// once.
// RUN: dale-opt %s --dale-fuse-elementwise --canonicalize | FileCheck %s

// A chain is one op; a splat becomes a scalar.
// CHECK-LABEL: func.func @chain(
// CHECK:      %[[ZERO:.*]] = arith.constant 0.0{{.*}} : f32
// CHECK:      linalg.generic
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:   %[[XY:.*]] = arith.mulf %[[X]], %[[Y]] : f32
// CHECK-NEXT:   %[[SUM:.*]] = arith.addf %[[XY]], %[[X]] : f32
// CHECK-NEXT:   %[[MAX:.*]] = arith.maximumf %[[SUM]], %[[ZERO]] : f32
// CHECK-NEXT:   linalg.yield %[[MAX]]
// CHECK-NOT:  linalg.generic
// CHECK:      return
func.func @chain(%x: tensor<1x8x4xf32>, %y: tensor<1x8x4xf32>) -> tensor<1x8x4xf32> {
  %zero = arith.constant dense<0.0> : tensor<1x8x4xf32>
  %0 = arith.mulf %x, %y : tensor<1x8x4xf32>
  %1 = arith.addf %0, %x : tensor<1x8x4xf32>
  %2 = arith.maximumf %1, %zero : tensor<1x8x4xf32>
  return %2 : tensor<1x8x4xf32>
}

// Into the sum over it.
// CHECK-LABEL: func.func @sum(
// CHECK:      linalg.generic {{.*}}iterator_types = ["reduction", "parallel"]
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[SUM:.*]]: f32):
// CHECK-NEXT:   %[[ABS:.*]] = math.absf %[[X]]
// CHECK-NEXT:   arith.addf %[[SUM]], %[[ABS]]
#full = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>
func.func @sum(%x: tensor<8x4xf32>, %c: tensor<4xf32>) -> tensor<4xf32> {
  %0 = math.absf %x : tensor<8x4xf32>
  %1 = linalg.generic {indexing_maps = [#full, #column], iterator_types = ["reduction", "parallel"]}
      ins(%0 : tensor<8x4xf32>) outs(%c : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %2 = arith.addf %o, %a : f32
    linalg.yield %2 : f32
  } -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// Not into a product, which would compute it for every column of the other
// operand.
// CHECK-LABEL: func.func @product(
// CHECK:      %[[ABS:.*]] = linalg.generic
// CHECK:        math.absf
// CHECK:      linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[ABS]],
// CHECK-NOT:    math.absf
// CHECK:      return
// CHECK-LABEL: func.func @matmul(
// CHECK:      %[[ABS:.*]] = linalg.generic
// CHECK:      linalg.matmul ins(%[[ABS]],
#p = affine_map<(i, j, k) -> (k, i)>
#q = affine_map<(i, j, k) -> (k, j)>
#r = affine_map<(i, j, k) -> (i, j)>
func.func @product(%x: tensor<8x4xf32>, %dy: tensor<8x6xf32>, %c: tensor<4x6xf32>)
    -> tensor<4x6xf32> {
  %0 = math.absf %x : tensor<8x4xf32>
  %1 = linalg.generic {indexing_maps = [#p, #q, #r], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%0, %dy : tensor<8x4xf32>, tensor<8x6xf32>) outs(%c : tensor<4x6xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %2 = arith.mulf %a, %b : f32
    %3 = arith.addf %o, %2 : f32
    linalg.yield %3 : f32
  } -> tensor<4x6xf32>
  return %1 : tensor<4x6xf32>
}
func.func @matmul(%x: tensor<8x4xf32>, %w: tensor<4x6xf32>, %c: tensor<8x6xf32>)
    -> tensor<8x6xf32> {
  %0 = math.absf %x : tensor<8x4xf32>
  %1 = linalg.matmul ins(%0, %w : tensor<8x4xf32>, tensor<4x6xf32>)
      outs(%c : tensor<8x6xf32>) -> tensor<8x6xf32>
  return %1 : tensor<8x6xf32>
}

// Not what is spread over all pixels, and not what has two uses.
// CHECK-LABEL: func.func @channels(
// CHECK:      %[[EXP:.*]] = linalg.generic {{.*}} ins(%{{.*}} : tensor<4xf32>)
// CHECK:        math.exp
// CHECK:      linalg.generic {{.*}} ins(%[[EXP]], %{{.*}} : tensor<4xf32>, tensor<8x4xf32>)
// CHECK-LABEL: func.func @two_uses(
// CHECK:      %[[ABS:.*]] = linalg.generic
// CHECK:        math.absf
// CHECK:      linalg.generic {{.*}} ins(%[[ABS]]
// CHECK:      linalg.generic {{.*}} ins(%[[ABS]]
func.func @channels(%b: tensor<4xf32>, %x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %0 = math.exp %b : tensor<4xf32>
  %empty = tensor.empty() : tensor<8x4xf32>
  %1 = linalg.generic {indexing_maps = [#column, #full, #full], iterator_types = ["parallel", "parallel"]}
      ins(%0, %x : tensor<4xf32>, tensor<8x4xf32>) outs(%empty : tensor<8x4xf32>) {
  ^bb0(%c: f32, %v: f32, %o: f32):
    %2 = arith.addf %v, %c : f32
    linalg.yield %2 : f32
  } -> tensor<8x4xf32>
  return %1 : tensor<8x4xf32>
}
func.func @two_uses(%x: tensor<1x4xf32>) -> (tensor<1x4xf32>, tensor<1x4xf32>) {
  %0 = math.absf %x : tensor<1x4xf32>
  %1 = arith.negf %0 : tensor<1x4xf32>
  %2 = math.exp %0 : tensor<1x4xf32>
  return %1, %2 : tensor<1x4xf32>, tensor<1x4xf32>
}

// What only reads in other places is read there by all who use it.
// CHECK-LABEL: func.func @broadcast(
// CHECK-SAME: %[[B:.*]]: tensor<4xf32>, %[[X:.*]]: tensor<8x4xf32>)
// CHECK:      %[[EXP:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[B]] : tensor<8x4xf32>, tensor<4xf32>)
// CHECK:      %[[ABS:.*]] = linalg.generic {{.*}} ins(%[[B]] : tensor<4xf32>)
// CHECK:      return %[[EXP]], %[[ABS]]
func.func @broadcast(%b: tensor<4xf32>, %x: tensor<8x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  %empty = tensor.empty() : tensor<8x4xf32>
  %0 = linalg.generic {indexing_maps = [#column, #full], iterator_types = ["parallel", "parallel"]}
      ins(%b : tensor<4xf32>) outs(%empty : tensor<8x4xf32>) {
  ^bb0(%c: f32, %o: f32):
    linalg.yield %c : f32
  } -> tensor<8x4xf32>
  %1 = arith.addf %x, %0 : tensor<8x4xf32>
  %2 = math.absf %0 : tensor<8x4xf32>
  return %1, %2 : tensor<8x4xf32>, tensor<8x4xf32>
}
