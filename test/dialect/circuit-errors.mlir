// RUN: dale-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{expects height, width and channels as input, got 2 numbers}}
dale.circuit @c steps(2) input([8, 8]) {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

// expected-error @+1 {{expects positive input sizes, got 0}}
dale.circuit @c steps(2) input([8, 0, 3]) {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

// expected-error @+1 {{attribute 'steps' failed to satisfy constraint}}
dale.circuit @c steps(0) input([8, 8, 3]) {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

// expected-error @+1 {{the circuit has no recurrent area: it needs at least one with populations}}
dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @f channels(4) {}
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  // expected-note @+1 {{area "r" is recurrent}}
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  // expected-error @+1 {{feed-forward area "f" comes after a recurrent area: the feed-forward areas come first}}
  dale.area @f channels(4) {}
  dale.readout classes(10) time(last)
}

// -----

// expected-error @+1 {{the circuit has no readout}}
dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  // expected-note @+1 {{the first one is here}}
  dale.readout classes(10) time(last)
  // expected-error @+1 {{a circuit has only one readout}}
  dale.readout classes(10) time(sum)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
  // expected-error @+1 {{momentum must be at least 0 and less than 1}}
  dale.training "cifar10" {batch = 4 : i64, epochs = 1 : i64, factor = 0.1 : f64, flip = false, l2 = 0.0 : f64, learning_rate = 0.1 : f64, milestones = array<i64>, momentum = 1.0 : f64, pad = 0 : i64, seed = 0 : i64}
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  // expected-error @+1 {{an area needs at least one channel}}
  dale.area @f channels(0) {}
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @f channels(4) {
    // expected-error @+1 {{a feed-forward area has no populations, gates or projections}}
    dale.population @P channels(8)
  }
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  // expected-error @+1 {{a pool needs a positive size and stride}}
  dale.area @f channels(4) pool(<size = 3, stride = 0>) {}
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  // expected-error @+1 {{kernel, stride, norm and activation are a feed-forward area's}}
  dale.area @r attributes {kernel = 5 : i64} {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  // expected-error @+1 {{kernel, stride, norm and activation are a feed-forward area's}}
  dale.area @r attributes {activation = #dale<activation tanh>} {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

// Dale's law holds from one area to the next.
dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @r {
    // expected-note @+1 {{P is declared here}}
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.area @s {
    dale.population @P channels(8) principal
    // expected-error @+1 {{this projection is inhibitory, but the population that it carries up from area "r" is excitatory}}
    dale.projection @input to @P long_range inhibitory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  // expected-error @+1 {{no population of this area is principal: nothing would leave it}}
  dale.area @a {
    dale.population @Q channels(4) sign(inhibitory)
    dale.projection @input to @Q long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{no population named 'Q' to project from}}
    dale.projection @Q to @P local excitatory
    // expected-error @+1 {{no population or gate named 'Z' to project to}}
    dale.projection @P to @Z local excitatory
    // expected-error @+1 {{no population named 'Y' for this gate to act on}}
    dale.gate @g on @Y memory leak
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    dale.gate @m on @P memory multiply
    dale.projection @input to @m long_range excitatory
    // expected-error @+1 {{m is a gate: it acts on its population and does not project}}
    dale.projection @m to @P local excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{the name 'input' is taken: it is what the area reads from below}}
    dale.population @input channels(8)
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    // expected-note @+1 {{see existing symbol definition here}}
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{redefinition of symbol named 'P'}}
    dale.population @P channels(8) sign(excitatory) principal
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{nothing projects to Q}}
    dale.population @Q channels(4) sign(inhibitory)
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    // expected-error @+1 {{the norm of P acts on its memory, but no gate gives it one}}
    dale.population @P channels(8) sign(excitatory) principal {norm = #dale.norm<decay = 0.9 : f64, epsilon = 1.0e-5 : f64>, norm_site = #dale<norm_site memory>}
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{a gate on the memory cannot subtract}}
    dale.gate @m on @P memory subtract
    dale.projection @input to @m long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{a leak acts on the memory}}
    dale.gate @m on @P input leak
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{a leak has no current: it takes neither an effect nor an activation}}
    dale.gate @m on @P memory leak effect(excitatory)
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-note @+1 {{m is declared here}}
    dale.gate @m on @P memory leak
    // expected-error @+1 {{m is a leak: it has no current to project to}}
    dale.projection @P to @m local excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-note @+1 {{m is declared here}}
    dale.gate @m on @P memory multiply
    dale.projection @input to @m long_range excitatory
    // expected-error @+1 {{P already has a gate on its memory}}
    dale.gate @n on @P memory leak
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{nothing projects to gate g}}
    dale.gate @g on @P input multiply
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.population @Q channels(4) sign(inhibitory)
    dale.projection @input to @P long_range excitatory
    dale.projection @input to @Q long_range excitatory
    dale.gate @l on @P memory leak
    // expected-error @+1 {{the projections that drive gate g differ in sign: say its effect, excitatory or inhibitory}}
    dale.gate @g on @P input multiply
    // expected-note @+1 {{P is excitatory here}}
    dale.projection @P to @g local excitatory
    // expected-note @+1 {{Q is inhibitory here}}
    dale.projection @Q to @g local inhibitory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    // expected-error @+1 {{input comes from the area below: its projections are 'long-range'}}
    dale.projection @input to @P local excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    // expected-note @+1 {{Q is declared here}}
    dale.population @Q channels(4) sign(inhibitory)
    dale.projection @input to @P long_range excitatory
    dale.projection @input to @Q long_range excitatory
    // expected-error @+1 {{Q is an interneuron: its projections are local; 'long-range' needs principal = true}}
    dale.projection @Q to @P long_range inhibitory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.population @Q channels(4) sign(inhibitory)
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{a projection within an area is 'local': the area above reads P as 'input'}}
    dale.projection @P to @Q long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    // expected-note @+1 {{the first projection is here}}
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{input already projects to P}}
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.population @P_to_Q channels(8) sign(excitatory)
    dale.population @Q_to_R channels(8) sign(excitatory)
    dale.population @R channels(8) sign(excitatory)
    dale.projection @input to @P long_range excitatory
    dale.projection @input to @P_to_Q long_range excitatory
    // expected-note @+1 {{the first projection is here}}
    dale.projection @P to @Q_to_R local excitatory
    // expected-error @+1 {{its weights would be named 'P_to_Q_to_R', as another projection's are: give a population another name}}
    dale.projection @P_to_Q to @R local excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  // expected-error @+1 {{an area cannot be named 'momentum': what checkpoints say of the optimizer begins so}}
  dale.area @momentum {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.population @Q channels(4) sign(inhibitory)
    dale.projection @input to @P long_range excitatory
    dale.gate @m on @P memory multiply
    dale.projection @input to @m long_range excitatory
    // expected-note @+1 {{P is excitatory here}}
    dale.projection @P to @Q local excitatory
    // expected-error @+1 {{Dale's law: this projection of P is inhibitory, but its projection to Q is excitatory}}
    dale.projection @P to @m local inhibitory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.population @Q channels(4) sign(inhibitory)
    // expected-note @+1 {{input is excitatory here}}
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{Dale's law: this projection of input is inhibitory, but its projection to P is excitatory}}
    dale.projection @input to @Q long_range inhibitory
  }
  dale.readout classes(10) time(last)
}

// -----

// Free weights have any sign anyway.
dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.population @Q channels(4) sign(inhibitory)
    dale.projection @input to @P long_range excitatory
    dale.gate @m on @P memory multiply
    dale.projection @input to @m long_range excitatory
    dale.projection @P to @Q local excitatory
    dale.projection @P to @m local inhibitory {constraint = #dale<constraint free>}
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    // expected-error @+1 {{cycle within a time step: P -> P; 'delay = 1' on this projection would break it}}
    dale.projection @P to @P local excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.population @Q channels(4) sign(inhibitory)
    dale.projection @input to @P long_range excitatory
    dale.gate @m on @P memory multiply
    dale.projection @input to @m long_range excitatory
    dale.gate @g on @P output subtract
    dale.projection @Q to @g local inhibitory
    // expected-error @+1 {{cycle within a time step: P -> Q -> g -> P; 'delay = 1' on this projection would break it}}
    dale.projection @P to @Q local excitatory {delay = 0 : i64}
  }
  dale.readout classes(10) time(last)
}

// -----

// With a delay there is no cycle.
dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @a {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
    dale.projection @P to @P local excitatory {delay = 1 : i64}
  }
  dale.readout classes(10) time(last)
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
  // expected-error @+1 {{area and aspect go together: a random crop has both}}
  dale.training "imagenet" {area = array<f64: 0.1, 1.0>, batch = 4 : i64, epochs = 1 : i64, factor = 0.1 : f64, flip = false, l2 = 0.0 : f64, learning_rate = 0.1 : f64, milestones = array<i64>, momentum = 0.5 : f64, pad = 0 : i64, seed = 0 : i64}
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
  // expected-error @+1 {{expected a crop of padded images (pad) or one of a random area (area, aspect), not both}}
  dale.training "imagenet" {area = array<f64: 0.1, 1.0>, aspect = array<f64: 1.0, 1.0>, batch = 4 : i64, epochs = 1 : i64, factor = 0.1 : f64, flip = false, l2 = 0.0 : f64, learning_rate = 0.1 : f64, milestones = array<i64>, momentum = 0.5 : f64, pad = 2 : i64, seed = 0 : i64}
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
  // expected-error @+1 {{expected two positive numbers for area, the smaller first, up to 1}}
  dale.training "imagenet" {area = array<f64: 0.1, 1.5>, aspect = array<f64: 1.0, 1.0>, batch = 4 : i64, epochs = 1 : i64, factor = 0.1 : f64, flip = false, l2 = 0.0 : f64, learning_rate = 0.1 : f64, milestones = array<i64>, momentum = 0.5 : f64, pad = 0 : i64, seed = 0 : i64}
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
  // expected-error @+1 {{expected two positive numbers for aspect, the smaller first}}
  dale.training "imagenet" {area = array<f64: 0.1, 1.0>, aspect = array<f64: 1.0>, batch = 4 : i64, epochs = 1 : i64, factor = 0.1 : f64, flip = false, l2 = 0.0 : f64, learning_rate = 0.1 : f64, milestones = array<i64>, momentum = 0.5 : f64, pad = 0 : i64, seed = 0 : i64}
}

// -----

dale.circuit @c steps(2) input([8, 8, 3]) {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
  // expected-error @+1 {{fraction must be above 0 and at most 1}}
  dale.training "imagenet" {fraction = 0.0 : f64, batch = 4 : i64, epochs = 1 : i64, factor = 0.1 : f64, flip = false, l2 = 0.0 : f64, learning_rate = 0.1 : f64, milestones = array<i64>, momentum = 0.5 : f64, pad = 0 : i64, seed = 0 : i64}
}

// -----

// expected-error @+1 {{the input is 8 x 9 pixels: expected a resize of at least 9, got 8}}
dale.circuit @c steps(2) input([8, 9, 3]) attributes {resize = 8 : i64} {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}

// -----

// expected-error @+1 {{the input has 3 channels: expected as many means, got 1}}
dale.circuit @c steps(2) input([8, 9, 3]) attributes {means = array<f64: 8.0>} {
  dale.area @r {
    dale.population @P channels(8) sign(excitatory) principal
    dale.projection @input to @P long_range excitatory
  }
  dale.readout classes(10) time(last)
}
