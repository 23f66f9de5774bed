// Stages that allocate are given memory for it.
// RUN: dale-opt %s --dale-plan-scratch --verify-diagnostics
// RUN: dale-opt %s --dale-plan-block-memory=shared-bytes=1024 --verify-diagnostics

// expected-error@+1 {{allocates, but has no memory for it: expected memref<?xi8> as last argument}}
func.func @stage(%map: memref<4xf32>) {
  %copy = memref.alloc() : memref<4xf32>
  memref.copy %map, %copy : memref<4xf32> to memref<4xf32>
  memref.copy %copy, %map : memref<4xf32> to memref<4xf32>
  return
}
