// RUN: dale-opt %s --dale-expand | FileCheck %s
// RUN: dale-opt %s --dale-expand=element=f64 | FileCheck %s --check-prefix=F64

// What @forward takes and gives, for autodiff and for the binary interface; the
// loss is the mean cross-entropy, and λ · ½‖θ‖² on top of it.

dale.circuit @forward steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal {
      norm = #dale.norm<decay = 0.9 : f64, epsilon = 1.0e-5 : f64>}
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
  dale.training "cifar10" {batch = 8, epochs = 1, learning_rate = 0.1 : f64,
      milestones = array<i64>, factor = 0.1 : f64, momentum = 0.75 : f64,
      l2 = 0.5 : f64, pad = 0, flip = false, seed = 0}
}

// CHECK-LABEL: func.func @forward(
// CHECK-SAME: %[[P:[a-z0-9]*]]: tensor<128xf32> {dale.buffer = "parameters"},
// CHECK-SAME: %{{[a-z0-9]*}}: tensor<32xf32> {dale.buffer = "averages"},
// CHECK-SAME: %{{[a-z0-9]*}}: tensor<?x4x4x3xf32> {dale.buffer = "images"},
// CHECK-SAME: %[[LABELS:[a-z0-9]*]]: tensor<?xi32> {dale.buffer = "labels"},
// CHECK-SAME: %[[COUNT:[a-z0-9]*]]: tensor<f32> {dale.buffer = "count"})
// CHECK-SAME: -> (tensor<f32> {dale.buffer = "losses", dale.offset = 0 : i64},
// CHECK-SAME: tensor<f32> {dale.buffer = "losses", dale.offset = 4 : i64},
// CHECK-SAME: tensor<?x5xf32> {dale.buffer = "logits"},
// CHECK-SAME: tensor<32xf32> {dale.buffer = "averages"})
// CHECK-SAME: attributes {dale.momentum = 7.5{{0*}}e-01 : f64, dale.objective = 1 : i64, dale.wrt = 0 : i64}

// CHECK:      %[[CE:.*]] = dale.softmax_cross_entropy %[[LOGITS:.*]], %[[LABELS]] : tensor<?x5xf32>, tensor<?xi32> -> tensor<?xf32>
// CHECK-NEXT: %[[SUM:.*]] = dale.reduce %[[CE]] over [0]
// CHECK-NEXT: %[[LOSS:.*]] = arith.divf %[[SUM]], %[[COUNT]]
// CHECK-NEXT: %[[SQUARES:.*]] = arith.mulf %[[P]], %[[P]]
// CHECK-NEXT: %[[NORM:.*]] = dale.reduce %[[SQUARES]] over [0] : tensor<128xf32> -> tensor<f32>
// CHECK-NEXT: %[[HALF:.*]] = arith.constant dense<2.5{{0*}}e-01> : tensor<f32>
// CHECK-NEXT: %[[L2:.*]] = arith.mulf %[[NORM]], %[[HALF]]
// CHECK-NEXT: %[[TOTAL:.*]] = arith.addf %[[LOSS]], %[[L2]]
// CHECK-NEXT: %[[AVERAGES:.*]] = dale.pack {{.*}} as [@a.E.norm.mean, @a.E.norm.variance] rows [0, 0] -> tensor<32xf32>
// CHECK-NEXT: return %[[LOSS]], %[[TOTAL]], %[[LOGITS]], %[[AVERAGES]]

// F64-NOT: f32
// F64: tensor<f64> {dale.buffer = "losses", dale.offset = 8 : i64}
// F64-NOT: f32
