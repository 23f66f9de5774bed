// RUN: dale-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: gpu.func @kernel(
// CHECK-SAME: %[[ARRIVALS:.*]]: memref<1xi32>)
// CHECK-NEXT: dale.grid_barrier %[[ARRIVALS]] : memref<1xi32>
// CHECK-NEXT: dale.shared_bytes : index
gpu.module @circuit {
  gpu.func @kernel(%arrivals: memref<1xi32>) kernel {
    dale.grid_barrier %arrivals : memref<1xi32>
    %bytes = dale.shared_bytes : index
    gpu.return
  }
}

// -----

func.func @wide(%arrivals: memref<1xi64>) {
  // expected-error @below {{operand #0 must be 1D memref of 32-bit signless integer values}}
  dale.grid_barrier %arrivals : memref<1xi64>
  return
}
