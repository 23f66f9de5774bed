// RUN: dale-opt %s --dale-expand | FileCheck %s

// ½‖θ‖² over all parameters but those of batch norms.

dale.circuit @l2 steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal {
      norm = #dale.norm<decay = 0.9 : f64, epsilon = 1.0e-5 : f64>}
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
  dale.training "cifar10" {batch = 8, epochs = 1, learning_rate = 0.1 : f64,
      milestones = array<i64>, factor = 0.1 : f64, momentum = 0.9 : f64,
      l2 = 0.5 : f64, l2_norms = false, pad = 0, flip = false, seed = 0}
}

// CHECK-LABEL: func.func @forward
// CHECK:      %[[D:.*]] = dale.read @a.input_to_E.depthwise
// CHECK:      %[[P:.*]] = dale.read @a.input_to_E.pointwise
// CHECK:      %[[B:.*]] = dale.read @a.E.bias
// CHECK:      %[[W:.*]] = dale.read @readout.weight
// CHECK:      %[[RB:.*]] = dale.read @readout.bias
// CHECK:      arith.divf
// CHECK-NEXT: %[[DD:.*]] = arith.mulf %[[D]], %[[D]]
// CHECK-NEXT: dale.reduce %[[DD]] over [0, 1, 2] : tensor<3x3x3xf32> -> tensor<f32>
// CHECK-NEXT: arith.mulf %[[P]], %[[P]]
// CHECK:      arith.mulf %[[B]], %[[B]]
// CHECK-NEXT: dale.reduce
// CHECK-NEXT: arith.addf
// CHECK-NEXT: arith.mulf %[[W]], %[[W]]
// CHECK:      arith.mulf %[[RB]], %[[RB]]
// CHECK-NEXT: dale.reduce
// CHECK-NEXT: arith.addf
// CHECK-NEXT: arith.constant dense<2.5{{0*}}e-01>
