// RUN: dale-opt %s --dale-expand --split-input-file | FileCheck %s

// Pool, mean over space, dense layer.
// CHECK-LABEL: dale.name = "last"
// CHECK-LABEL: func.func @evaluate
// CHECK:      arith.maximumf
// CHECK:      %[[E:.*]] = arith.maximumf
// CHECK-NEXT: %[[POOL:.*]] = dale.max_pool %[[E]] size 3 stride 2 : tensor<?x4x4x2xf32> -> tensor<?x2x2x2xf32>
// CHECK-NEXT: %[[SUM:.*]] = dale.reduce %[[POOL]] over [1, 2] : tensor<?x2x2x2xf32> -> tensor<?x2xf32>
// CHECK-NEXT: %[[SCALE:.*]] = arith.constant dense<2.5{{0*}}e-01> : tensor<f32>
// CHECK-NEXT: %[[SCALES:.*]] = dale.broadcast %[[SCALE]]
// CHECK-NEXT: %[[MEAN:.*]] = arith.mulf %[[SUM]], %[[SCALES]]
// CHECK-NEXT: %[[W:.*]] = dale.read @readout.weight
// CHECK-NEXT: %[[Y:.*]] = dale.pointwise_conv %[[MEAN]], %[[W]] : tensor<?x2xf32>, tensor<2x5xf32> -> tensor<?x5xf32>
// CHECK-NEXT: %[[B:.*]] = dale.read @readout.bias
// CHECK-NEXT: %[[BIAS:.*]] = dale.broadcast %[[B]] along [0]
// CHECK-NEXT: %[[LOGITS:.*]] = arith.addf %[[Y]], %[[BIAS]]
// CHECK-NEXT: return %[[LOGITS]]
dale.circuit @last steps(2) input([4, 4, 3]) {
  dale.area @a pool(<size = 3, stride = 2>) {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// -----

// The sum over all time steps.
// CHECK-LABEL: dale.name = "sum"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[E0:.*]] = arith.maximumf
// CHECK:      %[[E1:.*]] = arith.maximumf
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[E0]], %[[E1]]
// CHECK-NEXT: dale.max_pool %[[SUM]]
dale.circuit @sum steps(2) input([4, 4, 3]) {
  dale.area @a pool(<size = 3, stride = 2>) {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(sum)
}

// -----

// Several principal populations leave an area side by side.
// CHECK-LABEL: dale.name = "principals"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[E:.*]] = arith.maximumf
// CHECK:      %[[F:.*]] = arith.maximumf
// CHECK-NEXT: dale.join %[[E]], %[[F]] : tensor<?x4x4x2xf32>, tensor<?x4x4x3xf32> -> tensor<?x4x4x5xf32>
dale.circuit @principals steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.population @F channels(3) principal
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @F long_range excitatory
  }
  dale.readout classes(5) time(last)
}
