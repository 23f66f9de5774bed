// RUN: dale-opt %s --dale-map-to-gpu --split-input-file --verify-diagnostics --allow-unregistered-dialect

// An op that may do anything to memory can be given to no thread.
func.func @dale_evaluate(%images: memref<?xi8>) attributes {dale.workspace = {fixed = 0 : i64}} {
  // expected-error @below {{has unknown effects: it cannot be put on a GPU}}
  "test.unknown"(%images) : (memref<?xi8>) -> ()
  return
}

// -----

func.func private @other()
func.func @dale_evaluate(%images: memref<?xi8>) attributes {dale.workspace = {fixed = 0 : i64}} {
  // expected-error @below {{calls what is no kernel}}
  call @other() : () -> ()
  return
}

// -----

func.func private @kernel(%x: memref<?xf32>, %n: index) attributes {dale.kernel} {
  // expected-error @below {{must have constant bounds and work on memrefs}}
  scf.forall (%i) in (%n) {
    %0 = memref.load %x[%i] : memref<?xf32>
    memref.store %0, %x[%i] : memref<?xf32>
  }
  return
}

// -----

// Behind the loop stands another value than before it.
func.func private @kernel(%x: memref<16xf32>) attributes {dale.kernel} {
  return
}
func.func @dale_evaluate(%w: memref<?xi8>, %n: i64) attributes {dale.workspace = {fixed = 0 : i64}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %x = memref.view %w[%c0][] : memref<?xi8> to memref<16xf32>
  // expected-error @below {{has effects, and gives what is needed behind a barrier of the grid: it cannot be done again there}}
  %number = memref.load %x[%c0] : memref<16xf32>
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    func.call @kernel(%x) : (memref<16xf32>) -> ()
    scf.reduce
  }
  memref.store %number, %x[%c1] : memref<16xf32>
  return
}

// -----

func.func @dale_evaluate(%w: memref<?xi8>, %n: i64) attributes {dale.workspace = {fixed = 0 : i64}} {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  // expected-error @below {{must count chunks one by one from 0, and give no results, to be shared out among blocks}}
  scf.parallel (%i) = (%c0) to (%c8) step (%c2) {
    scf.reduce
  }
  return
}

// -----

// expected-error @below {{has teams of blocks, but no i64 argument that counts images}}
func.func @dale_evaluate(%w: memref<?xi8>) attributes {dale.teams, dale.workspace = {fixed = 0 : i64}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    scf.reduce
  }
  return
}

// -----

// A thread would read what another has not yet written.
func.func private @kernel(%x: memref<64xf32>, %y: memref<64xf32>) attributes {dale.kernel} {
  %one = arith.constant 1.0 : f32
  %last = arith.constant 63 : index
  scf.forall (%i) in (64) {
    memref.store %one, %x[%i] : memref<64xf32>
  }
  // expected-error @below {{stands behind another loop of its kernel: threads share out one, and do not wait}}
  scf.forall (%i) in (64) {
    %j = arith.subi %last, %i : index
    %0 = memref.load %x[%j] : memref<64xf32>
    memref.store %0, %y[%i] : memref<64xf32>
  }
  return
}

// -----

func.func private @kernel(%x: memref<64xf32>) attributes {dale.kernel} {
  %one = arith.constant 1.0 : f32
  %c0 = arith.constant 0 : index
  // expected-error @below {{must be all that has effects in its kernel: every thread would do what stands around it}}
  scf.forall (%i) in (64) {
    memref.store %one, %x[%i] : memref<64xf32>
  }
  memref.store %one, %x[%c0] : memref<64xf32>
  return
}
