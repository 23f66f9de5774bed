// Factors of products become pairs of bf16; sums stay in f32.
// RUN: dale-opt %s --dale-pack-products --canonicalize --cse --split-input-file | FileCheck %s

// The left factor's pairs lie beside each other as they are, and the right one's
// rows are brought side by side. Both are rounded where they are computed.
// CHECK-DAG:  #[[ROWS:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>
// CHECK-DAG:  #[[COLUMNS:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d1, d3)>
// CHECK-DAG:  #[[ASIS:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG:  #[[BESIDE:.*]] = affine_map<(d0, d1, d2) -> (d0, d2, d1)>
// CHECK-LABEL: func.func @product(
// CHECK-SAME: %[[A:.*]]: tensor<1x4x4x8xf32>, %[[B:.*]]: tensor<8x16xf32>, %[[C:.*]]: tensor<16x16xf32>)
// CHECK:      %[[ROUNDED:.*]] = linalg.generic {{.*}} ins(%[[A]] : tensor<1x4x4x8xf32>) outs(%{{.*}} : tensor<1x4x4x8xbf16>)
// CHECK:        arith.truncf
// CHECK:      %[[LEFT:.*]] = tensor.expand_shape {{.*}} into tensor<16x4x2xbf16>
// CHECK:      %[[ROUNDED_B:.*]] = linalg.generic {{.*}} ins(%[[B]] : tensor<8x16xf32>) outs(%{{.*}} : tensor<8x16xbf16>)
// CHECK:      %[[ROWPAIRS:.*]] = tensor.expand_shape %[[ROUNDED_B]] {{\[\[0, 1\], \[2\]\]}} {{.*}} into tensor<4x2x16xbf16>
// CHECK:      %[[RIGHT:.*]] = linalg.generic {indexing_maps = [#[[ASIS]], #[[BESIDE]]], {{.*}} ins(%[[ROWPAIRS]] : tensor<4x2x16xbf16>) outs(%{{.*}} : tensor<4x16x2xbf16>)
// CHECK:      linalg.generic {indexing_maps = [#[[ROWS]], #[[COLUMNS]], #{{.*}}], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
// CHECK-SAME:   ins(%[[LEFT]], %[[RIGHT]] : tensor<16x4x2xbf16>, tensor<4x16x2xbf16>) outs(%[[C]] : tensor<16x16xf32>)
// CHECK:        %[[X:.*]] = arith.extf
// CHECK:        %[[Y:.*]] = arith.extf
// CHECK:        %[[XY:.*]] = arith.mulf %[[X]], %[[Y]] : f32
// CHECK:        arith.addf %{{.*}}, %[[XY]] : f32
func.func @product(%a: tensor<1x4x4x8xf32>, %b: tensor<8x16xf32>, %c: tensor<16x16xf32>)
    -> tensor<16x16xf32> {
  %m = tensor.collapse_shape %a [[0, 1, 2], [3]] : tensor<1x4x4x8xf32> into tensor<16x8xf32>
  %0 = linalg.matmul ins(%m, %b : tensor<16x8xf32>, tensor<8x16xf32>)
      outs(%c : tensor<16x16xf32>) -> tensor<16x16xf32>
  return %0 : tensor<16x16xf32>
}

// -----

// A sum over rows takes the rows of both factors in pairs.
// CHECK-LABEL: func.func @transposed(
// CHECK-DAG:  linalg.generic {{.*}} outs(%{{.*}} : tensor<8x6x2xbf16>)
// CHECK-DAG:  linalg.generic {{.*}} outs(%{{.*}} : tensor<8x16x2xbf16>)
// CHECK:      linalg.generic {{.*}} outs(%{{.*}} : tensor<6x16xf32>)
#a = affine_map<(i, j, k) -> (k, i)>
#b = affine_map<(i, j, k) -> (k, j)>
#c = affine_map<(i, j, k) -> (i, j)>
func.func @transposed(%x: tensor<16x6xf32>, %dy: tensor<16x16xf32>, %c: tensor<6x16xf32>)
    -> tensor<6x16xf32> {
  %0 = linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %dy : tensor<16x6xf32>, tensor<16x16xf32>) outs(%c : tensor<6x16xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %1 = arith.mulf %p, %q : f32
    %2 = arith.addf %o, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<6x16xf32>
  return %0 : tensor<6x16xf32>
}

// -----

// A kernel is the same for all images: it is rounded and packed in one go, before
// the loops over chunks and over their images.
// CHECK-LABEL: func.func @images(
// CHECK:      linalg.generic {{.*}} ins(%{{.*}} : tensor<4x2x16xf32>) outs(%{{.*}} : tensor<4x16x2xbf16>)
// CHECK-NEXT: ^bb0
// CHECK-NEXT:   arith.truncf
// CHECK:      scf.for
// CHECK:        scf.for
// CHECK-NOT:      outs(%{{[^,]*}} : tensor<4x16x2xbf16>)
// CHECK:          outs(%{{.*}} : tensor<16x16xf32>)
func.func @images(%a: tensor<16x8xf32>, %b: memref<8x16xf32>, %c: tensor<16x16xf32>, %n: index)
    -> tensor<16x16xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %0 = scf.for %chunk = %zero to %n step %one iter_args(%total = %c) -> tensor<16x16xf32> {
    %1 = scf.for %i = %zero to %n step %one iter_args(%sum = %total) -> tensor<16x16xf32> {
      %w = bufferization.to_tensor %b restrict : memref<8x16xf32> to tensor<8x16xf32>
      %2 = linalg.matmul ins(%a, %w : tensor<16x8xf32>, tensor<8x16xf32>)
          outs(%sum : tensor<16x16xf32>) -> tensor<16x16xf32>
      scf.yield %2 : tensor<16x16xf32>
    }
    scf.yield %1 : tensor<16x16xf32>
  }
  return %0 : tensor<16x16xf32>
}

// -----

// An odd number of terms, columns that fill no vector, and f64 stay.
// CHECK-LABEL: func.func @stay(
// CHECK-NOT:  bf16
func.func @stay(%a: tensor<16x7xf32>, %b: tensor<7x16xf32>, %c: tensor<16x16xf32>,
                %d: tensor<16x8xf32>, %e: tensor<8x10xf32>, %f: tensor<16x10xf32>,
                %g: tensor<16x8xf64>, %h: tensor<8x16xf64>, %i: tensor<16x16xf64>)
    -> (tensor<16x16xf32>, tensor<16x10xf32>, tensor<16x16xf64>) {
  %0 = linalg.matmul ins(%a, %b : tensor<16x7xf32>, tensor<7x16xf32>)
      outs(%c : tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = linalg.matmul ins(%d, %e : tensor<16x8xf32>, tensor<8x10xf32>)
      outs(%f : tensor<16x10xf32>) -> tensor<16x10xf32>
  %2 = linalg.matmul ins(%g, %h : tensor<16x8xf64>, tensor<8x16xf64>)
      outs(%i : tensor<16x16xf64>) -> tensor<16x16xf64>
  return %0, %1, %2 : tensor<16x16xf32>, tensor<16x10xf32>, tensor<16x16xf64>
}

// -----

// A convolution's terms are channels, and pairs of those lie beside each other in
// the map. A padded map is put together of rounded parts.
// CHECK-DAG:  #[[WINDOW:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1 + d4, d2 + d5, d6, d7)>
// CHECK-DAG:  #[[ENTRY:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d4, d5, d6, d3, d7)>
// CHECK-LABEL: func.func @convolution(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<1x4x4x6xf32>
// CHECK:      %[[ROUNDED:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<1x4x4x6xf32>) outs(%{{.*}} : tensor<1x4x4x6xbf16>)
// CHECK:      %[[MARGIN:.*]] = linalg.fill {{.*}} -> tensor<1x6x6x6xbf16>
// CHECK:      %[[PADDED:.*]] = tensor.insert_slice %[[ROUNDED]] into %[[MARGIN]][0, 1, 1, 0]
// CHECK:      %[[MAP:.*]] = tensor.expand_shape %[[PADDED]] {{.*}} into tensor<1x6x6x3x2xbf16>
// CHECK:      %[[KERNEL:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<3x3x3x16x2xbf16>)
// CHECK:      linalg.generic {indexing_maps = [#[[WINDOW]], #[[ENTRY]], #{{.*}}], {{.*}}} ins(%[[MAP]], %[[KERNEL]] : {{.*}}) outs(%{{.*}} : tensor<1x4x4x16xf32>)
func.func @convolution(%x: tensor<1x4x4x6xf32>, %w: tensor<3x3x6x16xf32>, %c: tensor<1x4x4x16xf32>)
    -> tensor<1x4x4x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x6x6x6xf32>
  %margin = linalg.fill ins(%zero : f32) outs(%e : tensor<1x6x6x6xf32>) -> tensor<1x6x6x6xf32>
  %padded = tensor.insert_slice %x into %margin[0, 1, 1, 0] [1, 4, 4, 6] [1, 1, 1, 1]
      : tensor<1x4x4x6xf32> into tensor<1x6x6x6xf32>
  %0 = linalg.conv_2d_nhwc_hwcf ins(%padded, %w : tensor<1x6x6x6xf32>, tensor<3x3x6x16xf32>)
      outs(%c : tensor<1x4x4x16xf32>) -> tensor<1x4x4x16xf32>
  return %0 : tensor<1x4x4x16xf32>
}

// -----

// The gradient of its kernel sums over pixels, in pairs of a row. An entry of the
// kernel looks for pixel 2 k + j and the next one: each pixel gets its pair.
// CHECK-DAG:  #[[NEXT:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2 + d3, d4)>
// CHECK-DAG:  #[[BESIDE:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d4, d3)>
// CHECK-DAG:  #[[WINDOW:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d4, d0 + d5, d1 + d6 * 2, d2, d7)>
// CHECK-DAG:  #[[PIXEL:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d4, d5, d6, d3, d7)>
// CHECK-LABEL: func.func @kernel_gradient(
// CHECK:      %[[MAP:.*]] = linalg.generic {indexing_maps = [#[[NEXT]], #[[BESIDE]]], {{.*}} ins(%{{.*}} : tensor<1x6x6x5xbf16>) outs(%{{.*}} : tensor<1x6x5x5x2xbf16>)
// CHECK:      %[[COTANGENT:.*]] = linalg.generic {{.*}} ins(%{{.*}} : tensor<1x4x2x2x16xbf16>) outs(%{{.*}} : tensor<1x4x2x16x2xbf16>)
// CHECK:      linalg.generic {indexing_maps = [#[[WINDOW]], #[[PIXEL]], #{{.*}}], {{.*}}} ins(%[[MAP]], %[[COTANGENT]] : {{.*}}) outs(%{{.*}} : tensor<3x3x5x16xf32>)
#window = affine_map<(i, j, c, n, image, h, w) -> (image, h + i, w + j, c)>
#pixel = affine_map<(i, j, c, n, image, h, w) -> (image, h, w, n)>
#entry = affine_map<(i, j, c, n, image, h, w) -> (i, j, c, n)>
func.func @kernel_gradient(%x: tensor<1x6x6x5xf32>, %dy: tensor<1x4x4x16xf32>, %c: tensor<3x3x5x16xf32>)
    -> tensor<3x3x5x16xf32> {
  %0 = linalg.generic {indexing_maps = [#window, #pixel, #entry],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %dy : tensor<1x6x6x5xf32>, tensor<1x4x4x16xf32>) outs(%c : tensor<3x3x5x16xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %1 = arith.mulf %p, %q : f32
    %2 = arith.addf %o, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<3x3x5x16xf32>
  return %0 : tensor<3x3x5x16xf32>
}
