// RUN: dale-opt %s --dale-expand | FileCheck %s

// What every population of the recurrent areas does, before its pool, averaged
// over the time steps.

dale.circuit @respond steps(2) input([4, 4, 3]) {
  dale.area @one channels(4) {}
  dale.area @two pool(<size = 3, stride = 2>) {
    dale.population @E channels(2) principal
    dale.population @I channels(6)
    dale.projection @input to @E long_range excitatory
    dale.projection @E to @I local excitatory
  }
  dale.area @three {
    dale.population @F channels(8) principal
    dale.projection @input to @F long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// CHECK-LABEL: func.func @respond
// CHECK-SAME: -> (tensor<?x5xf32> {dale.buffer = "logits"},
// CHECK-SAME: tensor<?x4x4x2xf32> {dale.buffer = "responses", dale.response = "two.E"},
// CHECK-SAME: tensor<?x4x4x6xf32> {dale.buffer = "responses", dale.response = "two.I"},
// CHECK-SAME: tensor<?x2x2x8xf32> {dale.buffer = "responses", dale.response = "three.F"})
// CHECK:      %[[LOGITS:.*]] = arith.addf {{.*}} : tensor<?x5xf32>
// CHECK-NEXT: %[[SUM:.*]] = arith.addf {{.*}} : tensor<?x4x4x2xf32>
// CHECK-NEXT: %[[HALF:.*]] = arith.constant dense<5.0{{0*}}e-01> : tensor<f32>
// CHECK-NEXT: %[[HALVES:.*]] = dale.broadcast %[[HALF]]
// CHECK-NEXT: %[[E:.*]] = arith.mulf %[[SUM]], %[[HALVES]]
// CHECK:      return %[[LOGITS]], %[[E]]
