// RUN: dale-opt %s --split-input-file --verify-diagnostics

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(2) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{no area named 'd' to project from}}
    dale.projection @Q of @d to @P long_range excitatory
    // expected-error @+1 {{no population named 'X' in b to project from}}
    dale.projection @X of @b to @P long_range excitatory
  }
  dale.area @b {
    dale.population @Q channels(5) sign(excitatory) principal
    dale.projection @input to @Q long_range excitatory
  }
  dale.readout classes(2) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(2) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{b.I is an interneuron: only a principal population projects to another area}}
    dale.projection @I of @b to @P long_range inhibitory
    // expected-error @+3 {{Dale's law: this projection of b.Q is inhibitory, but the population is excitatory}}
    // expected-error @+2 {{b.Q is in another area: its projections here are 'long-range'}}
    // expected-error @+1 {{feedback arrives at a later time step: its delay is at least 1}}
    dale.projection @Q of @b to @P local inhibitory {delay = 0}
  }
  dale.area @b {
    // expected-note @+1 {{b.Q is declared here}}
    dale.population @Q channels(5) sign(excitatory) principal
    // expected-note @+1 {{b.I is declared here}}
    dale.population @I channels(5) sign(inhibitory)
    dale.projection @input to @Q long_range excitatory
    dale.projection @input to @I long_range excitatory
    dale.projection @I to @Q local inhibitory
  }
  dale.readout classes(2) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  // expected-note @+1 {{a is declared here}}
  dale.area @a {
    dale.population @P channels(2) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.area @b {
    dale.population @Q channels(5) sign(excitatory) principal
    dale.projection @input to @Q long_range excitatory
    // expected-error @+1 {{a is not above "b": feedback comes from a recurrent area above}}
    dale.projection @P of @a to @Q long_range excitatory
  }
  dale.readout classes(2) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    // expected-error @+1 {{the dropout of P acts on its memory, but no gate gives it one}}
    dale.population @P channels(2) sign(excitatory) principal {dropout = #dale.dropout<keep = 0.9, on = memory>}
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(2) time(last)
}
