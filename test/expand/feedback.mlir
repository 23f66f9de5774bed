// RUN: dale-opt --dale-expand %s | FileCheck %s

// Feedback comes from the step before, and so the first step has none. Between
// the pixels of the area above, which are two of this area's apart, are zeros;
// the turned kernel makes a transposed convolution of it.

// CHECK:       dale.variable @a.b.Q_to_P.depthwise parameter
// CHECK-SAME:    tensor<3x3x5xf32>
// CHECK:       dale.variable @a.b.Q_to_P.pointwise parameter
// CHECK-SAME:    tensor<5x2xf32>
// CHECK-LABEL: func.func @forward(
// CHECK:       %[[K:.*]] = math.absf
// CHECK-SAME:    tensor<3x3x3xf32>
// CHECK-NOT:   dale.spread
// CHECK:       %[[Q:.*]] = arith.maximumf %{{.*}} : tensor<?x4x4x5xf32>
// CHECK:       %[[S:.*]] = dale.spread %[[Q]] at 2, 2 stride 2 : tensor<?x4x4x5xf32> -> tensor<?x10x10x5xf32>
// CHECK:       %[[T:.*]] = dale.turn %{{.*}} : tensor<3x3x5xf32> -> tensor<3x3x5xf32>
// CHECK:       %[[D:.*]] = dale.depthwise_conv %[[S]], %[[T]] padding [0, 0, 0, 0]
// CHECK-SAME:    -> tensor<?x8x8x5xf32>
// CHECK:       dale.pointwise_conv %[[D]]
// CHECK-SAME:    -> tensor<?x8x8x2xf32>
dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a pool(<size = 3, stride = 2>) {
    dale.population @P channels(2) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    dale.projection @Q of @b to @P long_range excitatory
  }
  dale.area @b {
    dale.population @Q channels(5) sign(excitatory) principal
    dale.projection @input to @Q long_range excitatory
  }
  dale.readout classes(2) time(last)
}
