// RUN: dale-opt %s --dale-expand --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @prepare
// CHECK-SAME: %[[BYTES:.*]]: tensor<1x?x4x6x3xi8> {dale.buffer = "bytes"}, %[[PICKS:.*]]: tensor<?xi32> {dale.buffer = "picks"}, %[[DRAWS:.*]]: tensor<?x3xi32> {dale.buffer = "draws"})
// CHECK-SAME: -> (tensor<?x4x6x3xf32> {dale.buffer = "images"})
// CHECK-NEXT: %[[CROP:.*]] = dale.crop %[[BYTES]][%[[PICKS]]], %[[DRAWS]] pad 2
// CHECK-NEXT: %[[IMAGES:.*]] = dale.standardize %[[CROP]] : tensor<?x4x6x3xf32>
// CHECK-NEXT: return %[[IMAGES]]
dale.circuit @padded steps(1) input([4, 6, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
  dale.training "cifar10" {batch = 8, epochs = 1, learning_rate = 0.1 : f64,
      milestones = array<i64>, factor = 0.1 : f64, momentum = 0.9 : f64,
      l2 = 0.0 : f64, pad = 2, flip = true, seed = 0}
}

// -----

// A circuit that does not say how it is trained is not padded.
// CHECK-LABEL: func.func @prepare
// CHECK: dale.crop %{{.*}} pad 0
dale.circuit @untrained steps(1) input([4, 6, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// -----

// The means of the channels in place of standardization.
// CHECK-LABEL: func.func @prepare
// CHECK: %[[CROP:.*]] = dale.crop
// CHECK-NEXT: %[[MEANS:.*]] = arith.constant dense<[1.236800e+02, -2.000000e+00]> : tensor<2xf32>
// CHECK-NOT: dale.standardize
// CHECK: %[[SAME:.*]] = dale.broadcast %[[MEANS]]
// CHECK: %[[IMAGES:.*]] = arith.subf %[[CROP]], %[[SAME]] : tensor<?x4x6x2xf32>
// CHECK: return %[[IMAGES]]
dale.circuit @means steps(1) input([4, 6, 2]) attributes {means = array<f64: 123.68, -2.0>} {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
}
