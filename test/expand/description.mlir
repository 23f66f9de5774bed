// RUN: dale-opt %s --dale-expand | FileCheck %s

// The circuit op goes; what nothing else says stays as attributes of the module,
// with the keys of the JSON of a compiled circuit.

dale.circuit @described steps(3) input([4, 6, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
  dale.training "cifar10" {batch = 8, epochs = 20, learning_rate = 0.5 : f64,
      milestones = array<i64: 10, 15>, factor = 0.25 : f64, momentum = 0.75 : f64,
      l2 = 0.125 : f64, pad = 4, flip = true, seed = 7}
}

// CHECK:      module attributes {dale.description = {
// CHECK-SAME: averages = {elements = 0 : i64},
// CHECK-SAME: classes = 5 : i64,
// CHECK-SAME: element = "f32",
// CHECK-SAME: input = {channels = 3 : i64, height = 4 : i64, resize = 6 : i64, width = 6 : i64},
// CHECK-SAME: parameters = {elements = 96 : i64},
// CHECK-SAME: responses = [{name = "a.E", shape = [4, 6, 2]}],
// CHECK-SAME: steps = 3 : i64,
// CHECK-SAME: training = {augment = {flip = true, pad = 4 : i64}, batch = 8 : i64, dataset = "cifar10", epochs = 20 : i64, fraction = 1.0{{0*}}e+00 : f64, l2 = 1.25{{0*}}e-01 : f64, learning_rate = 5.0{{0*}}e-01 : f64, momentum = 7.5{{0*}}e-01 : f64, random_labels = false,
// CHECK-SAME: schedule = [{epoch = 10 : i64, factor = 2.5{{0*}}e-01 : f64}, {epoch = 15 : i64, factor = 2.5{{0*}}e-01 : f64}],
// CHECK-SAME: seed = 7 : i64}}, dale.name = "described"}
// CHECK-NOT:  dale.circuit
