// RUN: dale-opt %s --dale-expand | FileCheck %s

// Whose a response and a kernel is, and what a projection reaches, is in the
// description; also what stands for standardizing.

dale.circuit @wired steps(2) input([8, 8, 3]) attributes {means = array<f64: 120.5, 116.0, 104.0>} {
  dale.area @a channels(4) {}
  dale.area @b {
    dale.population @E channels(2) sign(excitatory) principal
    dale.population @I channels(2) sign(inhibitory)
    dale.population @N channels(1)
    dale.gate @m on @E memory multiply
    dale.gate @o on @E output subtract
    dale.projection @input to @E long_range excitatory
    dale.projection @E to @I local excitatory {constraint = #dale<constraint free>}
    dale.projection @E to @m local excitatory {constraint = #dale<constraint rectify>}
    dale.projection @I to @o local inhibitory
    dale.projection @E of @c to @N long_range excitatory
  }
  dale.area @c {
    dale.population @E channels(2) sign(excitatory) principal
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// CHECK:      areas = [{name = "b",
// CHECK-SAME: populations = [{name = "E", principal = true, sign = "excitatory"}, {name = "I", principal = false, sign = "inhibitory"}, {name = "N", principal = false}],
// CHECK-SAME: projections = [
// CHECK-SAME: {constraint = "abs", population = "E", range = "long_range", sign = "excitatory", site = "current", source = "input", target = "E", variable = "b.input_to_E"},
// CHECK-SAME: {area = "b", constraint = "rectify", population = "E", range = "local", sign = "excitatory", site = "memory", source = "E", target = "m", variable = "b.E_to_m"},
// CHECK-SAME: {area = "b", constraint = "abs", population = "E", range = "local", sign = "inhibitory", site = "output", source = "I", target = "o", variable = "b.I_to_o"},
// CHECK-SAME: {area = "b", constraint = "free", population = "I", range = "local", sign = "excitatory", site = "current", source = "E", target = "I", variable = "b.E_to_I"},
// CHECK-SAME: {area = "c", constraint = "abs", population = "N", range = "long_range", sign = "excitatory", site = "current", source = "E", target = "N", variable = "b.c.E_to_N"}
// CHECK-SAME: {name = "c"
// CHECK-SAME: means = [1.205000e+02, 1.160000e+02, 1.040000e+02]
