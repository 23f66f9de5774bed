// RUN: dale-opt %s --dale-expand | FileCheck %s

// With the moving averages, a norm is a · x + b: a = scale · rsqrt(variance + ε)
// and b = offset − mean · a, per channel.

dale.circuit @evaluate steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal {
      norm = #dale.norm<decay = 0.9 : f64, epsilon = 0.5 : f64>}
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// CHECK-LABEL: func.func @evaluate
// CHECK-SAME: %[[P:[a-z0-9]*]]: tensor<{{.*}}> {dale.buffer = "parameters"}
// CHECK-SAME: %[[A:[a-z0-9]*]]: tensor<{{.*}}> {dale.buffer = "averages"}
// CHECK-SAME: tensor<?x4x4x3xf32> {dale.buffer = "images"}
// CHECK-SAME: -> (tensor<?x5xf32> {dale.buffer = "logits"})
// CHECK:      %[[X:.*]] = arith.addf
// CHECK-NEXT: %[[V:.*]] = dale.read @a.E.norm.variance[0] of %[[A]]
// CHECK-NEXT: %[[EPS:.*]] = arith.constant dense<5.0{{0*}}e-01> : tensor<2xf32>
// CHECK-NEXT: %[[VE:.*]] = arith.addf %[[V]], %[[EPS]]
// CHECK-NEXT: %[[R:.*]] = math.rsqrt %[[VE]]
// CHECK-NEXT: %[[S:.*]] = dale.read @a.E.norm.scale[0] of %[[P]]
// CHECK-NEXT: %[[SCALE:.*]] = arith.mulf %[[S]], %[[R]] : tensor<2xf32>
// CHECK-NEXT: %[[O:.*]] = dale.read @a.E.norm.offset[0] of %[[P]]
// CHECK-NEXT: %[[M:.*]] = dale.read @a.E.norm.mean[0] of %[[A]]
// CHECK-NEXT: %[[MS:.*]] = arith.mulf %[[M]], %[[SCALE]]
// CHECK-NEXT: %[[OFFSET:.*]] = arith.subf %[[O]], %[[MS]] : tensor<2xf32>
// CHECK-NEXT: %[[SX:.*]] = dale.broadcast %[[SCALE]] along [0, 1, 2] like %[[X]]
// CHECK-NEXT: %[[XS:.*]] = arith.mulf %[[X]], %[[SX]]
// CHECK-NEXT: %[[OX:.*]] = dale.broadcast %[[OFFSET]] along [0, 1, 2] like %[[X]]
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[XS]], %[[OX]]
// CHECK:      arith.maximumf %[[Y]]
