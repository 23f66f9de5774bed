// RUN: dale-opt %s --dale-expand --split-input-file | FileCheck %s

// A population without memory is read within the step, and computed before those
// that read it, wherever it is declared.
// CHECK-LABEL: dale.name = "within_step"
// CHECK-LABEL: func.func @evaluate
// CHECK:      dale.read @a.I.bias
// CHECK:      %[[I:.*]] = arith.maximumf
// CHECK:      dale.read @a.E.bias
// CHECK:      dale.depthwise_conv %[[I]]
dale.circuit @within_step steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.population @I channels(6)
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @I long_range excitatory
    dale.projection @I to @E local inhibitory
  }
  dale.readout classes(5) time(last)
}

// -----

// A population with memory is read as it was one step before.
// CHECK-LABEL: dale.name = "memory"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[I0:.*]] = arith.mulf {{.*}} : tensor<?x4x4x6xf32>
// CHECK-NOT:  dale.depthwise_conv %[[I0]]
// CHECK:      %[[I1:.*]] = arith.addf %{{.*}}, %{{.*}} : tensor<?x4x4x6xf32>
// CHECK:      dale.read @a.I_to_E.depthwise
// CHECK-NEXT: math.absf
// CHECK-NEXT: dale.depthwise_conv %[[I0]]
dale.circuit @memory steps(2) input([4, 4, 3]) {
  dale.area @a {
    dale.population @I channels(6)
    dale.population @E channels(2) principal
    dale.gate @f on @I memory leak
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @I long_range excitatory
    dale.projection @I to @E local inhibitory
  }
  dale.readout classes(5) time(last)
}

// -----

// A declared delay of two steps: the first two steps read nothing.
// CHECK-LABEL: dale.name = "two_steps"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[E0:.*]] = arith.maximumf
// CHECK:      %[[E1:.*]] = arith.maximumf
// CHECK:      dale.depthwise_conv %[[E0]]
// CHECK-NOT:  dale.depthwise_conv %[[E1]]
// CHECK:      return
dale.circuit @two_steps steps(3) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.projection @input to @E long_range excitatory
    dale.projection @E to @E local excitatory {delay = 2 : i64}
  }
  dale.readout classes(5) time(last)
}
