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
