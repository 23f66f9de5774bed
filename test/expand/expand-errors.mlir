// RUN: dale-opt %s --dale-expand --split-input-file --verify-diagnostics

// expected-error @+1 {{no circuit to expand}}
module {
}

// -----

module {
  // expected-note @+1 {{the first one is here}}
  dale.circuit @one steps(1) input([4, 4, 3]) {
    dale.area @a {
      dale.population @E channels(2) principal
      dale.projection @input to @E long_range excitatory
    }
    dale.readout classes(5) time(last)
  }
  // expected-error @+1 {{a second circuit: a module is compiled for one circuit}}
  dale.circuit @two steps(1) input([4, 4, 3]) {
    dale.area @a {
      dale.population @E channels(2) principal
      dale.projection @input to @E long_range excitatory
    }
    dale.readout classes(5) time(last)
  }
}
