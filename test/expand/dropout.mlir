// RUN: dale-opt --dale-expand %s | FileCheck %s

// A new mask at every step, of each image's key; none in evaluation.

// CHECK-LABEL: func.func @forward(
// CHECK-SAME:    %[[KEYS:[a-z0-9]+]]: tensor<?xi32> {dale.buffer = "keys"}
// CHECK:       dale.dropout_mask %[[KEYS]] salt 0 keep 9.000000e-01 : tensor<?xi32> -> tensor<?x4x4x2xf32>
// CHECK:       dale.dropout_mask %[[KEYS]] salt 1 keep 9.000000e-01 : tensor<?xi32> -> tensor<?x4x4x2xf32>
// CHECK-LABEL: func.func @evaluate(
// CHECK-NOT:   dale.dropout_mask
dale.circuit @c steps(2) input([4, 4, 3]) {
  dale.area @a {
    dale.population @P channels(2) sign(excitatory) principal {dropout = #dale.dropout<keep = 0.9, on = current>}
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(2) time(last)
}
