// Tiles that many threads share out: vectors of four, small tiles, several terms
// of a sum at once. What an op starts from is a constant in each tile.
// RUN: dale-opt %s --pass-pipeline="builtin.module(func.func(dale-tile-and-vectorize{vector-bits=128 num-registers=16 threads=32},canonicalize,cse))" | FileCheck %s

// CHECK-LABEL: func.func @product(
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<16x32xf32>, %[[B:[a-z0-9]+]]: tensor<32x16xf32>
// CHECK:      %[[ZEROS:.*]] = arith.constant dense<0.000000e+00> : vector<8x4xf32>
// CHECK-NOT:  linalg.fill
// CHECK:      scf.forall (%[[I:.*]], %[[J:.*]]) = (0, 0) to (16, 16) step (8, 4)
// CHECK:        scf.for %[[K:.*]] = %c0 to %c32 step %c4 iter_args(%{{.*}} = %[[ZEROS]]) -> (vector<8x4xf32>)
// CHECK-NEXT:     vector.transfer_read %[[A]][%[[I]], %[[K]]], {{.*}} vector<8x4xf32>
// CHECK-NEXT:     vector.transfer_read %[[B]][%[[K]], %[[J]]], {{.*}} vector<4x4xf32>
// CHECK-NEXT:     vector.contract
func.func @product(%a: tensor<16x32xf32>, %b: tensor<32x16xf32>, %o: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %zero = arith.constant 0.0 : f32
  %start = linalg.fill ins(%zero : f32) outs(%o : tensor<16x16xf32>) -> tensor<16x16xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<16x32xf32>, tensor<32x16xf32>) outs(%start : tensor<16x16xf32>) -> tensor<16x16xf32>
  return %0 : tensor<16x16xf32>
}

#image = affine_map<(h, w, c) -> (h, w, c)>
#row = affine_map<(h, w, c) -> (h, c)>

// CHECK-LABEL: func.func @sums_of_rows(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<8x16x32xf32>
// CHECK:      scf.forall (%[[H:.*]], %[[C:.*]]) = (0, 0) to (8, 32) step (1, 4)
// CHECK:        scf.for %[[W:.*]] = %c0 to %c16 step %c8
// CHECK-NEXT:     vector.transfer_read %[[X]][%[[H]], %[[W]], %[[C]]], {{.*}} vector<1x8x4xf32>
func.func @sums_of_rows(%x: tensor<8x16x32xf32>, %o: tensor<8x32xf32>) -> tensor<8x32xf32> {
  %0 = linalg.generic {indexing_maps = [#image, #row], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%x : tensor<8x16x32xf32>) outs(%o : tensor<8x32xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.addf %out, %in : f32
    linalg.yield %1 : f32
  } -> tensor<8x32xf32>
  return %0 : tensor<8x32xf32>
}

// What reads at a computed place is one element a thread.
// CHECK-LABEL: func.func @gather(
// CHECK:      scf.forall (%{{.*}}) in (8)
// CHECK:        tensor.extract
func.func @gather(%x: tensor<8xf32>, %s: index, %o: tensor<8xf32>) -> tensor<8xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      outs(%o : tensor<8xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %k = arith.subi %s, %i : index
    %v = tensor.extract %x[%k] : tensor<8xf32>
    linalg.yield %v : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// Factors of channels that are more than maps are loaded once for two pixels of
// a row: there are 64 tiles of one pixel for 32 threads.
// CHECK-LABEL: func.func @two_pixels(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<16x4x4xf32>, %[[F:[a-z0-9]+]]: tensor<4xf32>
// CHECK:      scf.forall (%[[H:.*]], %[[W:.*]]) = (0, 0) to (16, 4) step (1, 2)
// CHECK-DAG:    vector.transfer_read %[[F]][%c0], {{.*}} vector<4xf32>
// CHECK-DAG:    vector.transfer_read %[[X]][%[[H]], %[[W]], %c0], {{.*}} vector<1x2x4xf32>
#channel = affine_map<(h, w, c) -> (c)>
func.func @two_pixels(%x: tensor<16x4x4xf32>, %f: tensor<4xf32>, %g: tensor<4xf32>, %b: tensor<4xf32>, %o: tensor<16x4x4xf32>) -> tensor<16x4x4xf32> {
  %0 = linalg.generic {indexing_maps = [#image, #channel, #channel, #channel, #image], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %f, %g, %b : tensor<16x4x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) outs(%o : tensor<16x4x4xf32>) {
  ^bb0(%in: f32, %first: f32, %second: f32, %third: f32, %out: f32):
    %1 = arith.mulf %in, %first : f32
    %2 = arith.mulf %1, %second : f32
    %3 = arith.addf %2, %third : f32
    linalg.yield %3 : f32
  } -> tensor<16x4x4xf32>
  return %0 : tensor<16x4x4xf32>
}
