// Each stage that needs a value would compute it again, but it is stored only once:
// the more stages need it, the fewer operations it may take. This product takes 8 for
// each byte of its result.
// RUN: dale-opt %s --dale-fuse=max-operations-per-byte=9 | FileCheck %s
// RUN: dale-opt %s --dale-fuse=max-operations-per-byte=13 | FileCheck %s --check-prefix=MORE

// CHECK-LABEL: func.func @one(
// CHECK:      dale.stage ins
// CHECK:        dale.pointwise_conv
// CHECK:        dale.yield %{{.*}} : tensor<16xf32>
// CHECK:      dale.stage ins
// CHECK:        dale.pointwise_conv
// CHECK:        arith.mulf
func.func @one(%x: tensor<?x8x8x16xf32>, %w: tensor<16x16xf32>) -> tensor<?x8x8x16xf32> {
  %y = dale.pointwise_conv %x, %w
      : tensor<?x8x8x16xf32>, tensor<16x16xf32> -> tensor<?x8x8x16xf32>
  %sum = dale.reduce %y over [0, 1, 2] : tensor<?x8x8x16xf32> -> tensor<16xf32>
  %b = dale.broadcast %sum along [0, 1, 2] like %y
      : tensor<16xf32>, tensor<?x8x8x16xf32> -> tensor<?x8x8x16xf32>
  %z = arith.mulf %y, %b : tensor<?x8x8x16xf32>
  return %z : tensor<?x8x8x16xf32>
}

// CHECK-LABEL: func.func @two(
// CHECK:      dale.stage ins
// CHECK:        dale.pointwise_conv
// CHECK:        dale.yield %{{.*}}, %{{.*}} : tensor<1x8x8x16xf32>, tensor<16xf32>
// CHECK-NOT:  dale.pointwise_conv
// MORE-LABEL: func.func @two(
// MORE-COUNT-3: dale.pointwise_conv
func.func @two(%x: tensor<?x8x8x16xf32>, %w: tensor<16x16xf32>) -> tensor<?x8x8x16xf32> {
  %y = dale.pointwise_conv %x, %w
      : tensor<?x8x8x16xf32>, tensor<16x16xf32> -> tensor<?x8x8x16xf32>
  %sum = dale.reduce %y over [0, 1, 2] : tensor<?x8x8x16xf32> -> tensor<16xf32>
  %b = dale.broadcast %sum along [0, 1, 2] like %y
      : tensor<16xf32>, tensor<?x8x8x16xf32> -> tensor<?x8x8x16xf32>
  %z = arith.mulf %y, %b : tensor<?x8x8x16xf32>
  %sum2 = dale.reduce %z over [0, 1, 2] : tensor<?x8x8x16xf32> -> tensor<16xf32>
  %b2 = dale.broadcast %sum2 along [0, 1, 2] like %y
      : tensor<16xf32>, tensor<?x8x8x16xf32> -> tensor<?x8x8x16xf32>
  %u = arith.mulf %y, %b2 : tensor<?x8x8x16xf32>
  return %u : tensor<?x8x8x16xf32>
}
