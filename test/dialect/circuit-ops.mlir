// RUN: dale-opt %s | dale-opt | FileCheck %s
// RUN: dale-opt %s --mlir-print-op-generic | dale-opt | FileCheck %s

// CHECK-LABEL: dale.circuit @everything steps(4) input([32, 24, 3]) {
dale.circuit @everything steps(4) input([32, 24, 3]) {
  // CHECK-NEXT: dale.area @below channels(16)
  // CHECK-SAME: norm(<decay = {{0\.9[0-9]+}} : f64, epsilon = 1.000000e-05 : f64>)
  // CHECK-SAME: pool(<size = 3, stride = 1>)
  // CHECK-SAME: attributes {kernel = 7 : i64, stride = 2 : i64} {
  dale.area @below channels(16)
    norm(<decay = 0.99 : f64, epsilon = 1.0e-05 : f64>)
    pool(<size = 3, stride = 1>)
    attributes {kernel = 7 : i64, stride = 2 : i64} {}
  // CHECK: dale.area @gated pool(<size = 3, stride = 2>) {
  dale.area @gated pool(<size = 3, stride = 2>) {
    // CHECK-NEXT: dale.population @P channels(8) sign(excitatory) principal
    // CHECK-SAME: norm_site = #dale<norm_site memory>
    dale.population @P channels(8) sign(excitatory) principal
      {norm = #dale.norm<decay = 0.99 : f64, epsilon = 1.0e-05 : f64>,
       norm_site = #dale<norm_site memory>}
    // CHECK-NEXT: dale.population @Q channels(4) sign(inhibitory) {activation = #dale<activation tanh>}
    dale.population @Q channels(4) sign(inhibitory)
      {activation = #dale<activation tanh>}
    // CHECK-NEXT: dale.gate @m on @P memory multiply {offset = 1.000000e+00 : f64}
    dale.gate @m on @P memory multiply {offset = 1.0 : f64}
    // CHECK-NEXT: dale.gate @g on @P input multiply effect(inhibitory)
    dale.gate @g on @P input multiply effect(inhibitory)
    // CHECK-NEXT: dale.projection @input to @P long_range excitatory
    dale.projection @input to @P long_range excitatory
    // CHECK-NEXT: dale.projection @P to @Q local excitatory {constraint = #dale<constraint rectify>, kernel = #dale<kernel regular>, size = 5 : i64}
    dale.projection @P to @Q local excitatory
      {constraint = #dale<constraint rectify>, kernel = #dale<kernel regular>,
       size = 5 : i64}
    // CHECK-NEXT: dale.projection @P to @m local excitatory {delay = 2 : i64}
    dale.projection @P to @m local excitatory {delay = 2 : i64}
    // CHECK-NEXT: dale.projection @Q to @g local inhibitory
    dale.projection @Q to @g local inhibitory
  }
  // A population that flips all its local projections still sends excitation up.
  // CHECK: dale.area @leaky {
  dale.area @leaky {
    dale.population @P channels(8) sign(excitatory) principal
    // CHECK: dale.gate @l on @P memory leak
    dale.gate @l on @P memory leak
    dale.projection @input to @P long_range excitatory
    dale.projection @P to @P local inhibitory
  }
  // CHECK: dale.readout classes(10) time(sum)
  dale.readout classes(10) time(sum)
  // CHECK-NEXT: dale.training "cifar10"
  dale.training "cifar10" {
    batch = 4 : i64, epochs = 1 : i64, factor = 0.1 : f64, flip = false,
    l2 = 0.0 : f64, learning_rate = 0.1 : f64, milestones = array<i64: 1, 2>,
    momentum = 0.9 : f64, pad = 0 : i64, seed = 0 : i64}
}
