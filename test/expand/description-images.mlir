// RUN: dale-opt %s --dale-expand | FileCheck %s

// What only the runtime does with images is in the description.

dale.circuit @images steps(1) input([4, 6, 3]) attributes {resize = 9 : i64} {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
  dale.training "imagenet" {area = array<f64: 0.125, 1.0>, aspect = array<f64: 0.75, 1.5>, batch = 8 : i64,
      epochs = 2 : i64, factor = 0.25 : f64, flip = true, fraction = 0.5 : f64, l2 = 0.125 : f64,
      learning_rate = 0.5 : f64, milestones = array<i64>, momentum = 0.75 : f64, pad = 0 : i64, random_labels,
      seed = 7 : i64}
}

// CHECK: input = {channels = 3 : i64, height = 4 : i64, resize = 9 : i64, width = 6 : i64},
// CHECK-SAME: augment = {area = [1.250000e-01, 1.000000e+00], aspect = [7.500000e-01, 1.500000e+00], flip = true, pad = 0 : i64},
// CHECK-SAME: dataset = "imagenet"
// CHECK-SAME: fraction = 5.000000e-01 : f64
// CHECK-SAME: random_labels = true
