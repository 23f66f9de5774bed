// RUN: dale-opt %s --dale-expand --split-input-file | FileCheck %s

// What a gate g does to its population, by site, kind and effect. The effect of a
// gate on input or output is the sign of the projections that drive it: a
// projection of that sign adds to the gate's current.

// CHECK-LABEL: dale.name = "multiply_input_inhibitory"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[X:.*]] = arith.maximumf
// CHECK:      %[[W:.*]] = dale.pointwise_conv
// CHECK:      arith.addf %[[W]]
// CHECK-NEXT: %[[G:.*]] = dale.sigmoid
// CHECK:      %[[ONE:.*]] = dale.broadcast
// CHECK-NEXT: %[[NOT:.*]] = arith.subf %[[ONE]], %[[G]]
// CHECK-NEXT: %[[E:.*]] = arith.mulf %[[NOT]], %[[X]]
// CHECK-NEXT: dale.reduce %[[E]]
dale.circuit @multiply_input_inhibitory steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.gate @g on @E input multiply
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @g long_range inhibitory {constraint = #dale<constraint free>}
  }
  dale.readout classes(5) time(last)
}

// -----

// CHECK-LABEL: dale.name = "multiply_input_excitatory"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[X:.*]] = arith.maximumf
// CHECK:      %[[W:.*]] = dale.pointwise_conv
// CHECK:      arith.addf %[[W]]
// CHECK-NEXT: %[[G:.*]] = dale.sigmoid
// CHECK-NEXT: %[[E:.*]] = arith.mulf %[[G]], %[[X]]
// CHECK-NEXT: dale.reduce %[[E]]
dale.circuit @multiply_input_excitatory steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.gate @g on @E input multiply
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @g long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// -----

// A declared effect is not changed by its drivers: they subtract.
// CHECK-LABEL: dale.name = "declared_effect"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[X:.*]] = arith.maximumf
// CHECK:      %[[BIAS:.*]] = dale.broadcast
// CHECK:      %[[W:.*]] = dale.pointwise_conv
// CHECK-NEXT: arith.subf %[[BIAS]], %[[W]]
// CHECK-NEXT: %[[G:.*]] = dale.sigmoid
// CHECK-NEXT: arith.mulf %[[G]], %[[X]]
dale.circuit @declared_effect steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.gate @g on @E input multiply effect(excitatory)
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @g long_range inhibitory {constraint = #dale<constraint free>}
  }
  dale.readout classes(5) time(last)
}

// -----

// E = relu(current − g)
// CHECK-LABEL: dale.name = "subtract_input_inhibitory"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[CURRENT:.*]] = arith.addf
// CHECK:      %[[G:.*]] = arith.maximumf
// CHECK-NEXT: %[[X:.*]] = arith.subf %[[CURRENT]], %[[G]]
// CHECK:      %[[E:.*]] = arith.maximumf %[[X]]
// CHECK-NEXT: dale.reduce %[[E]]
dale.circuit @subtract_input_inhibitory steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.gate @g on @E input subtract
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @g long_range inhibitory {constraint = #dale<constraint free>}
  }
  dale.readout classes(5) time(last)
}

// -----

// E = relu(current + g − 1)
// CHECK-LABEL: dale.name = "subtract_input_excitatory"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[CURRENT:.*]] = arith.addf
// CHECK:      %[[G:.*]] = arith.maximumf
// CHECK-NEXT: %[[X:.*]] = arith.addf %[[CURRENT]], %[[G]]
// CHECK-NEXT: arith.constant dense<-1.0{{.*}}>
// CHECK-NEXT: dale.broadcast
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[X]]
// CHECK:      %[[E:.*]] = arith.maximumf %[[Y]]
// CHECK-NEXT: dale.reduce %[[E]]
dale.circuit @subtract_input_excitatory steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.gate @g on @E input subtract
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @g long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// -----

// E = relu(C − g), and the memory keeps C, not E.
// CHECK-LABEL: dale.name = "subtract_output"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[C0:.*]] = arith.maximumf
// CHECK:      %[[G0:.*]] = arith.maximumf
// CHECK-NEXT: arith.subf %[[C0]], %[[G0]]
// CHECK:      %[[F:.*]] = dale.sigmoid
// CHECK-NEXT: %[[KEPT:.*]] = arith.mulf %[[F]], %[[C0]]
// CHECK-NEXT: %[[C1:.*]] = arith.addf %[[KEPT]]
// CHECK:      %[[G1:.*]] = arith.maximumf
// CHECK-NEXT: %[[X:.*]] = arith.subf %[[C1]], %[[G1]]
// CHECK:      %[[E:.*]] = arith.maximumf %[[X]]
// CHECK-NEXT: dale.reduce %[[E]]
dale.circuit @subtract_output steps(2) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.gate @f on @E memory multiply
    dale.gate @g on @E output subtract
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @f long_range excitatory
    dale.projection @input to @g long_range inhibitory {constraint = #dale<constraint free>}
  }
  dale.readout classes(5) time(last)
}

// -----

// E = (1 − g) ∘ tanh(C)
// CHECK-LABEL: dale.name = "multiply_output"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[C:.*]] = math.tanh
// CHECK-NEXT: %[[X:.*]] = math.tanh %[[C]]
// CHECK:      %[[G:.*]] = dale.sigmoid
// CHECK:      %[[NOT:.*]] = arith.subf %{{.*}}, %[[G]]
// CHECK-NEXT: %[[E:.*]] = arith.mulf %[[NOT]], %[[X]]
// CHECK-NEXT: dale.reduce %[[E]]
dale.circuit @multiply_output steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal {activation = #dale<activation tanh>}
    dale.gate @g on @E output multiply
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @g long_range inhibitory {constraint = #dale<constraint free>}
  }
  dale.readout classes(5) time(last)
}

// -----

// A gate's activation can be declared.
// CHECK-LABEL: dale.name = "declared_activation"
// CHECK-LABEL: func.func @evaluate
// CHECK:      %[[G:.*]] = math.tanh
// CHECK-NEXT: arith.mulf %[[G]]
dale.circuit @declared_activation steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal
    dale.gate @g on @E input multiply {activation = #dale<activation tanh>}
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @g long_range excitatory
  }
  dale.readout classes(5) time(last)
}
