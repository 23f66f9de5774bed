// Reads of a padded tensor look where the tensor ends.
// RUN: dale-opt %s --dale-guard-margins --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// One position above: the closest row that there is, or the padding in its place.
// Columns are known to be inside.
// CHECK-LABEL: func.func @above(
// CHECK-SAME: %[[MAP:.*]]: tensor<4x4x8xf32>
// CHECK-DAG:  %[[PADDING:.*]] = arith.constant dense<2.000000e+00> : vector<4xf32>
// CHECK:      scf.for %[[H:[a-z0-9]*]] =
// CHECK:        scf.for %[[W:[a-z0-9]*]] =
// CHECK:          %[[ROW:.*]] = affine.apply #{{.*}}(%[[H]])
// CHECK:          %[[FROM:.*]] = arith.maxsi %[[ROW]]
// CHECK:          %[[CLOSEST:.*]] = arith.minsi %[[FROM]]
// CHECK:          %[[HERE:.*]] = arith.cmpi eq, %[[ROW]], %[[CLOSEST]]
// CHECK:          %[[READ:.*]] = vector.transfer_read %[[MAP]][%[[CLOSEST]], %[[W]], %{{.*}}]
// CHECK:          arith.select %[[HERE]], %[[READ]], %[[PADDING]]
func.func @above(%map: tensor<4x4x8xf32>, %y: memref<4x4x4xf32>) {
  %two = arith.constant 2.0 : f32
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %padded = tensor.pad %map low[1, 1, 0] high[1, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %two : f32
  } : tensor<4x4x8xf32> to tensor<6x6x8xf32>
  scf.for %h = %c0 to %c4 step %c1 {
    scf.for %w = %c0 to %c4 step %c1 {
      %column = affine.apply affine_map<(w) -> (w + 1)>(%w)
      %v = vector.transfer_read %padded[%h, %column, %c0], %zero {in_bounds = [true]}
          : tensor<6x6x8xf32>, vector<4xf32>
      vector.store %v, %y[%h, %w, %c0] : memref<4x4x4xf32>, vector<4xf32>
    }
  }
  return
}

// -----

// A vector that goes along a padded dimension is read position by position. The
// first of these lies in the margin.
// CHECK-LABEL: func.func @along(
// CHECK-COUNT-3: vector.transfer_read %{{.*}} : tensor<4x2xf32>, vector<1x2xf32>
// CHECK-NOT:     vector.transfer_read
func.func @along(%map: tensor<4x2xf32>) -> vector<4x2xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %padded = tensor.pad %map low[1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<4x2xf32> to tensor<5x2xf32>
  %v = vector.transfer_read %padded[%c0, %c0], %zero {in_bounds = [true, true]}
      : tensor<5x2xf32>, vector<4x2xf32>
  return %v : vector<4x2xf32>
}

// -----

// A slice with strides: each position by its place in the padded tensor.
// CHECK:      #[[TWICE:.*]] = affine_map<()[s0] -> (s0 * 2)>
// CHECK-LABEL: func.func @strided(
// CHECK-SAME: %[[MAP:[a-z0-9]*]]: tensor<8x4xf32>, %[[H:.*]]: index
// CHECK:        %[[ROW:.*]] = affine.apply #[[TWICE]]()[%[[H]]]
// CHECK:        arith.maxsi %[[ROW]]
func.func @strided(%map: tensor<8x4xf32>, %h: index) -> vector<4xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %padded = tensor.pad %map low[1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<8x4xf32> to tensor<9x4xf32>
  %slice = tensor.extract_slice %padded[1, 0] [4, 4] [2, 1]
      : tensor<9x4xf32> to tensor<4x4xf32>
  %v = vector.transfer_read %slice[%h, %c0], %zero {in_bounds = [true]}
      : tensor<4x4xf32>, vector<4xf32>
  return %v : vector<4xf32>
}

// -----

func.func @returned(%map: tensor<4xf32>) -> tensor<5xf32> {
  %zero = arith.constant 0.0 : f32
  %padded = tensor.pad %map low[1] high[0] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<4xf32> to tensor<5xf32>
  // expected-error @below {{reads a margin that is nowhere in memory}}
  return %padded : tensor<5xf32>
}

// -----

// Slices that nobody reads go; a margin of unknown numbers cannot be guarded.
// CHECK-LABEL: func.func @unread(
// CHECK-NOT:   tensor.extract_slice
// CHECK:       return
func.func @unread(%a: tensor<4x4xf32>) -> vector<4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %padded = tensor.pad %a low[1, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<4x4xf32> to tensor<6x4xf32>
  %unread = tensor.extract_slice %padded[0, 0] [2, 4] [1, 1] : tensor<6x4xf32> to tensor<2x4xf32>
  %0 = vector.transfer_read %padded[%c0, %c0], %zero {in_bounds = [true]}
      : tensor<6x4xf32>, vector<4xf32>
  return %0 : vector<4xf32>
}

// -----

func.func @unknown_margin(%a: tensor<4x4xf32>) -> vector<4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %padded = tensor.pad %a low[1, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    %number = arith.index_cast %i : index to i32
    %real = arith.sitofp %number : i32 to f32
    tensor.yield %real : f32
  } : tensor<4x4xf32> to tensor<6x4xf32>
  // expected-error @+1 {{reads a margin that is nowhere in memory}}
  %0 = vector.transfer_read %padded[%c0, %c0], %zero {in_bounds = [true]}
      : tensor<6x4xf32>, vector<4xf32>
  return %0 : vector<4xf32>
}
