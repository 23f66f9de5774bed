// RUN: dale-opt --dale-expand %s | FileCheck %s

// Nothing is computed with what a silent population would say; its weights are
// still there, so that a trained circuit can be lesioned.

// CHECK:       dale.variable @a.I_to_P.depthwise parameter
// CHECK-LABEL: func.func @evaluate(
// CHECK-NOT:   dale.read @a.I_to_P
// CHECK-LABEL: func.func @respond(
dale.circuit @c steps(2) input([4, 4, 3]) {
  dale.area @a {
    dale.population @P channels(2) sign(excitatory) principal
    dale.population @I channels(2) sign(inhibitory) silent
    dale.projection @input to @P long_range excitatory
    dale.projection @input to @I long_range excitatory
    dale.projection @I to @P local inhibitory
  }
  dale.readout classes(2) time(last)
}
