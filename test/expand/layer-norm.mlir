// RUN: dale-opt --dale-expand %s | FileCheck %s

// The mean and the variance of each image, over its 4 x 4 pixels and 2 channels.
// Its parameters have a row a time step; it has no moving averages.

// CHECK:       dale.variable @a.P.norm.scale parameter
// CHECK-SAME:    tensor<1x2xf32>
// CHECK-NOT:   dale.variable {{.*}} average
// CHECK-LABEL: func.func @forward(
// CHECK:       %[[X:.*]] = arith.addf %{{.*}} : tensor<?x4x4x2xf32>
// CHECK:       dale.reduce %[[X]] over [1, 2, 3] : tensor<?x4x4x2xf32> -> tensor<?xf32>
// CHECK:       dense<3.125000e-02>
// CHECK:       %[[C:.*]] = arith.subf %[[X]], %{{.*}} : tensor<?x4x4x2xf32>
// CHECK:       %[[S:.*]] = arith.mulf %[[C]], %[[C]] : tensor<?x4x4x2xf32>
// CHECK:       dale.reduce %[[S]] over [1, 2, 3]
// CHECK:       math.rsqrt %{{.*}} : tensor<?xf32>
// CHECK:       arith.mulf %[[C]], %{{.*}} : tensor<?x4x4x2xf32>
dale.circuit @c steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @P channels(2) sign(excitatory) principal {norm = #dale.norm<kind = layer, decay = 0.9, epsilon = 1.0e-5>}
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(2) time(last)
}
