// RUN: dale-opt %s --dale-expand | FileCheck %s

// Before the first step every state is zero: what reads it, and a memory gate,
// only comes to be at the second step. Kernels are read and constrained once.

dale.circuit @recurrent steps(2) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.gate @f on @E memory multiply {offset = 1.0 : f64}
    dale.projection @input to @E long_range excitatory
    dale.projection @E to @E local inhibitory
    dale.projection @E to @f local inhibitory
  }
  dale.readout classes(5) time(last)
}

// CHECK-LABEL: func.func @evaluate
// CHECK-SAME: %[[P:.*]]: tensor<{{.*}}> {dale.buffer = "parameters"}

// Step 0: E = relu(|W| * input + b).
// CHECK-NEXT: %[[RAW:.*]] = dale.read @a.input_to_E.depthwise of %[[P]]
// CHECK-NEXT: %[[D:.*]] = math.absf %[[RAW]]
// CHECK-NEXT: %[[DX:.*]] = dale.depthwise_conv %{{.*}}, %[[D]] padding [1, 1, 1, 1]
// CHECK-NEXT: dale.read @a.input_to_E.pointwise of %[[P]]
// CHECK-NEXT: %[[W:.*]] = math.absf
// CHECK-NEXT: %[[X:.*]] = dale.pointwise_conv %[[DX]], %[[W]]
// CHECK-NEXT: %[[B:.*]] = dale.read @a.E.bias
// CHECK-NEXT: %[[BX:.*]] = dale.broadcast %[[B]] along [0, 1, 2] like %[[X]]
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[X]], %[[BX]]
// CHECK-NEXT: arith.constant
// CHECK-NEXT: dale.broadcast
// CHECK-NEXT: %[[E0:.*]] = arith.maximumf %[[SUM]]

// Step 1: E = f ∘ E + relu(|W| * input + b − |W| * E).
// CHECK-NEXT: dale.depthwise_conv %{{.*}}, %[[D]]
// CHECK-NEXT: %[[X1:.*]] = dale.pointwise_conv %{{.*}}, %[[W]]
// CHECK-NEXT: dale.broadcast %[[B]]
// CHECK-NEXT: %[[PLUS:.*]] = arith.addf %[[X1]]
// CHECK-NEXT: dale.read @a.E_to_E.depthwise
// CHECK-NEXT: math.absf
// CHECK-NEXT: dale.depthwise_conv %[[E0]]
// CHECK-NEXT: dale.read @a.E_to_E.pointwise
// CHECK-NEXT: math.absf
// CHECK-NEXT: %[[Y:.*]] = dale.pointwise_conv
// CHECK-NEXT: arith.subf %[[PLUS]], %[[Y]]
// CHECK:      %[[C:.*]] = arith.maximumf
// CHECK-NEXT: %[[FBIAS:.*]] = dale.read @a.f.bias
// CHECK-NEXT: %[[ONE:.*]] = arith.constant dense<1.0{{.*}}> : tensor<2xf32>
// CHECK-NEXT: %[[FB:.*]] = arith.addf %[[FBIAS]], %[[ONE]]
// CHECK-NEXT: %[[BF:.*]] = dale.broadcast %[[FB]]
// CHECK-NEXT: dale.read @a.E_to_f.depthwise
// CHECK:      %[[W:.*]] = dale.pointwise_conv
// CHECK-NEXT: %[[CURRENT:.*]] = arith.subf %[[BF]], %[[W]]
// CHECK-NEXT: %[[G:.*]] = dale.sigmoid %[[CURRENT]]
// CHECK-NEXT: %[[KEPT:.*]] = arith.mulf %[[G]], %[[E0]]
// CHECK-NEXT: %[[E1:.*]] = arith.addf %[[KEPT]], %[[C]]
// CHECK-NEXT: dale.reduce %[[E1]] over [1, 2]
