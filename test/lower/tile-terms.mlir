// Terms in blocks, where both factors do not fit the second cache: two thirds of
// the first have room for 64 rows of 32 numbers.
// RUN: dale-opt %s --dale-tile-and-vectorize="cache-bytes=12288 second-cache-bytes=65536" --canonicalize --cse \
// RUN:   | FileCheck %s

// 256 rows of 8 and 32 numbers fit.
// CHECK-LABEL: func.func @small(
// CHECK-NOT:  step %c64
// CHECK:      scf.for %{{.*}} = %c0 to %c256 step %c1 iter_args
func.func @small(%a: tensor<8x256xf32>, %b: tensor<256x32xf32>, %c: tensor<8x32xf32>)
    -> tensor<8x32xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<8x256xf32>, tensor<256x32xf32>)
      outs(%c : tensor<8x32xf32>) -> tensor<8x32xf32>
  return %0 : tensor<8x32xf32>
}

// All tiles add a block of terms before any of them goes on to the next.
// CHECK-LABEL: func.func @large(
// CHECK:      scf.for %[[BLOCK:.*]] = %c0 to %c512 step %c64 iter_args
// CHECK-NEXT:   scf.for %[[ROW:.*]] = %c0 to %c16 step %c8 iter_args
// CHECK:          scf.for %[[K:.*]] = %c0 to %c64 step %c1 iter_args(%{{.*}}) -> (vector<8x32xf32>)
// CHECK:            %[[TERM:.*]] = affine.apply #{{.*}}()[%[[BLOCK]], %[[K]]]
// CHECK:            vector.transfer_read %{{.*}}[%[[ROW]], %[[TERM]]]
// CHECK:            vector.transfer_read %{{.*}}[%[[TERM]], %c0]
func.func @large(%a: tensor<16x512xf32>, %b: tensor<512x32xf32>, %c: tensor<16x32xf32>)
    -> tensor<16x32xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<16x512xf32>, tensor<512x32xf32>)
      outs(%c : tensor<16x32xf32>) -> tensor<16x32xf32>
  return %0 : tensor<16x32xf32>
}

// The weight gradient of a convolution: terms are pixels, of which a block has
// two rows.
// CHECK-LABEL: func.func @pixels(
// CHECK:      scf.for %[[ROWS:.*]] = %c0 to %c32 step %c2 iter_args
// CHECK:        scf.for %{{.*}} = %c0 to %c3 step %c1
#map = affine_map<(k, l, c, d, i, j) -> (i + k, j + l, c)>
#map1 = affine_map<(k, l, c, d, i, j) -> (i, j, d)>
#map2 = affine_map<(k, l, c, d, i, j) -> (k, l, c, d)>
func.func @pixels(%x: tensor<34x34x8xf32>, %g: tensor<32x32x32xf32>, %w: tensor<3x3x8x32xf32>)
    -> tensor<3x3x8x32xf32> {
  %0 = linalg.generic {indexing_maps = [#map, #map1, #map2],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %g : tensor<34x34x8xf32>, tensor<32x32x32xf32>) outs(%w : tensor<3x3x8x32xf32>) {
  ^bb0(%in: f32, %in_0: f32, %out: f32):
    %1 = arith.mulf %in, %in_0 : f32
    %2 = arith.addf %out, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<3x3x8x32xf32>
  return %0 : tensor<3x3x8x32xf32>
}

// What starts from zeros keeps its sums in registers.
// CHECK-LABEL: func.func @starts(
// CHECK-NOT:  step %c64
// CHECK:      scf.for %{{.*}} = %c0 to %c512 step %c1 iter_args
func.func @starts(%a: tensor<16x512xf32>, %b: tensor<512x32xf32>) -> tensor<16x32xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<16x32xf32>
  %c = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x32xf32>) -> tensor<16x32xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<16x512xf32>, tensor<512x32xf32>)
      outs(%c : tensor<16x32xf32>) -> tensor<16x32xf32>
  return %0 : tensor<16x32xf32>
}
