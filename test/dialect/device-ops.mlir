// RUN: dale-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: gpu.func @kernel(
// CHECK-SAME: %[[ARRIVALS:.*]]: memref<1xi32>, %[[BLOCKS:.*]]: index)
// CHECK-NEXT: dale.grid_barrier %[[ARRIVALS]] : memref<1xi32>
// CHECK-NEXT: dale.grid_barrier %[[ARRIVALS]] of %[[BLOCKS]] : memref<1xi32>
// CHECK-NEXT: dale.shared_bytes : index
// CHECK-NEXT: dale.team_id : index
gpu.module @circuit {
  gpu.func @kernel(%arrivals: memref<1xi32>, %blocks: index) kernel {
    dale.grid_barrier %arrivals : memref<1xi32>
    dale.grid_barrier %arrivals of %blocks : memref<1xi32>
    %bytes = dale.shared_bytes : index
    %team = dale.team_id : index
    gpu.return
  }
}

// -----

func.func @wide(%arrivals: memref<1xi64>) {
  // expected-error @below {{operand #0 must be 1D memref of 32-bit signless integer values}}
  dale.grid_barrier %arrivals : memref<1xi64>
  return
}

// -----

// CHECK-LABEL: func.func @padded(
// CHECK: dale.padded %{{.*}} low [1, 0] high [2, 0] with 0.000000e+00 : f32 : memref<4x8xf32> to memref<7x8xf32>
func.func @padded(%map: memref<4x8xf32>) -> memref<7x8xf32> {
  %padded = dale.padded %map low [1, 0] high [2, 0] with 0.0 : f32
      : memref<4x8xf32> to memref<7x8xf32>
  return %padded : memref<7x8xf32>
}

// -----

func.func @other_type(%map: memref<4xf32>) -> memref<5xf32> {
  // expected-error @below {{must be of one element type with its map and number}}
  %padded = dale.padded %map low [1] high [0] with 0.0 : f64
      : memref<4xf32> to memref<5xf32>
  return %padded : memref<5xf32>
}

// -----

func.func @one_side(%map: memref<4x8xf32>) -> memref<5x8xf32> {
  // expected-error @below {{needs a map of static shape, and a margin on both sides of each dimension}}
  %padded = dale.padded %map low [1, 0] high [0] with 0.0 : f32
      : memref<4x8xf32> to memref<5x8xf32>
  return %padded : memref<5x8xf32>
}

// -----

func.func @negative(%map: memref<4xf32>) -> memref<3xf32> {
  // expected-error @below {{has a negative margin}}
  %padded = dale.padded %map low [-1] high [0] with 0.0 : f32
      : memref<4xf32> to memref<3xf32>
  return %padded : memref<3xf32>
}

// -----

func.func @other_shape(%map: memref<4xf32>) -> memref<6xf32> {
  // expected-error @below {{has a result of another shape than the map with its margins}}
  %padded = dale.padded %map low [1] high [0] with 0.0 : f32
      : memref<4xf32> to memref<6xf32>
  return %padded : memref<6xf32>
}
