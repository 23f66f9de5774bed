// RUN: dale-opt %s --split-input-file --dale-expand | FileCheck %s

// Operations an image by the definition: every multiply-add of the convolutions
// and the read-out is two, and a training step counts as three forward passes.

// 4 x 6 pixels, 3 channels by a depthwise 3 x 3 and a pointwise kernel to 2, at
// each of 3 steps; 2 channels to 5 classes:
// 2 * (3 * 24 * 3 * (9 + 2) + 2 * 5) = 2 * (2376 + 10) = 4772
// CHECK:      dale.description
// CHECK-SAME: flops_per_image = {evaluate = 4772 : i64, respond = 4772 : i64, train_step = 14316 : i64}
dale.circuit @separable steps(3) input([4, 6, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// -----

// The same with a regular kernel of 5 x 5, and onto a gate with a separable one:
// 2 * (3 * 24 * (3 * 25 * 2 + 3 * (9 + 2)) + 2 * 5)
//   = 2 * (72 * (150 + 33) + 10) = 2 * 13186 = 26372
// CHECK:      dale.description
// CHECK-SAME: flops_per_image = {evaluate = 26372 : i64, respond = 26372 : i64, train_step = 79116 : i64}
dale.circuit @regular steps(3) input([4, 6, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.gate @f on @E memory multiply
    dale.projection @input to @E long_range excitatory {kernel = #dale<kernel regular>, size = 5 : i64}
    dale.projection @input to @f long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// -----

// A feed-forward area runs once, at 3 x 2 of 6 x 4 pixels: 3 channels by 5 x 5 to
// 4. There, these 4 channels go to 2 at each of 3 steps:
// 2 * (6 * 25 * 3 * 4 + 3 * 6 * 4 * (9 + 2) + 2 * 5)
//   = 2 * (1800 + 792 + 10) = 5204
// CHECK:      dale.description
// CHECK-SAME: flops_per_image = {evaluate = 5204 : i64, respond = 5204 : i64, train_step = 15612 : i64}
dale.circuit @strided steps(3) input([6, 4, 3]) {
  dale.area @retina channels(4) attributes {kernel = 5 : i64, stride = 2 : i64} {}
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
}
