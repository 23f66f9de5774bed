// RUN: dale-opt %s --dale-expand | FileCheck %s

// E = f ∘ E + (1 − f) ∘ x with f = σ(f̃ + offset), one value a channel.

dale.circuit @leak steps(2) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.gate @f on @E memory leak {offset = 1.0 : f64}
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// CHECK-LABEL: func.func @evaluate

// Nothing is kept of the state at step 0, but the candidate has its share.
// CHECK:      %[[X0:.*]] = arith.maximumf
// CHECK-NEXT: %[[L:.*]] = dale.read @a.f.leak
// CHECK-NEXT: %[[ONE:.*]] = arith.constant dense<1.0{{.*}}> : tensor<2xf32>
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[L]], %[[ONE]] : tensor<2xf32>
// CHECK-NEXT: %[[F:.*]] = dale.sigmoid %[[SUM]] : tensor<2xf32>
// CHECK:      %[[NOT:.*]] = arith.subf %{{.*}}, %[[F]] : tensor<2xf32>
// CHECK-NEXT: %[[SHARE:.*]] = dale.broadcast %[[NOT]] along [0, 1, 2]
// CHECK-NEXT: %[[E0:.*]] = arith.mulf %[[SHARE]], %[[X0]]
// CHECK-NEXT: dale.depthwise_conv

// CHECK:      %[[NEW:.*]] = arith.mulf
// CHECK-NEXT: %[[FX:.*]] = dale.broadcast %{{.*}} along [0, 1, 2] like %[[E0]]
// CHECK-NEXT: %[[OLD:.*]] = arith.mulf %[[FX]], %[[E0]]
// CHECK-NEXT: %[[E1:.*]] = arith.addf %[[OLD]], %[[NEW]]
// CHECK-NEXT: dale.reduce %[[E1]]
