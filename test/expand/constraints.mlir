// RUN: dale-opt %s --dale-expand --split-input-file | FileCheck %s

// How a stored kernel becomes the one that is applied: both factors of a
// separable kernel.

// CHECK-LABEL: dale.name = "abs"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[D:.*]] = dale.read @a.input_to_E.depthwise
// CHECK-NEXT: %[[DA:.*]] = math.absf %[[D]]
// CHECK-NEXT: %[[X:.*]] = dale.depthwise_conv %{{.*}}, %[[DA]]
// CHECK-NEXT: %[[P:.*]] = dale.read @a.input_to_E.pointwise
// CHECK-NEXT: %[[PA:.*]] = math.absf %[[P]]
// CHECK-NEXT: dale.pointwise_conv %[[X]], %[[PA]]
dale.circuit @abs steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// -----

// CHECK-LABEL: dale.name = "rectify"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[D:.*]] = dale.read @a.input_to_E.depthwise
// CHECK-NEXT: %[[ZERO:.*]] = arith.constant dense<0.0{{.*}}> : tensor<3x3x3xf32>
// CHECK-NEXT: %[[DR:.*]] = arith.maximumf %[[D]], %[[ZERO]]
// CHECK-NEXT: dale.depthwise_conv %{{.*}}, %[[DR]]
// CHECK:      %[[PR:.*]] = arith.maximumf
// CHECK-NEXT: dale.pointwise_conv %{{.*}}, %[[PR]]
dale.circuit @rectify steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory {constraint = #dale<constraint rectify>}
  }
  dale.readout classes(5) time(last)
}

// -----

// The sign stays.
// CHECK-LABEL: dale.name = "free"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[BIAS:.*]] = dale.broadcast
// CHECK-NEXT: %[[D:.*]] = dale.read @a.input_to_E.depthwise
// CHECK-NEXT: dale.depthwise_conv %{{.*}}, %[[D]]
// CHECK-NEXT: %[[P:.*]] = dale.read @a.input_to_E.pointwise
// CHECK-NEXT: %[[Y:.*]] = dale.pointwise_conv %{{.*}}, %[[P]]
// CHECK-NEXT: arith.subf %[[BIAS]], %[[Y]]
dale.circuit @free steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range inhibitory {constraint = #dale<constraint free>}
  }
  dale.readout classes(5) time(last)
}

// -----

// A regular kernel of even size: the smaller half of the padding comes first.
// CHECK-LABEL: dale.name = "regular"
// CHECK-LABEL: func.func @evaluate
// CHECK:      dale.read @a.input_to_E.weight
// CHECK-NEXT: %[[W:.*]] = math.absf
// CHECK-NEXT: dale.conv %{{.*}}, %[[W]] padding [1, 2, 1, 2] : tensor<?x4x4x3xf32>, tensor<4x4x3x2xf32> -> tensor<?x4x4x2xf32>
dale.circuit @regular steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory {kernel = #dale<kernel regular>, size = 4 : i64}
  }
  dale.readout classes(5) time(last)
}
