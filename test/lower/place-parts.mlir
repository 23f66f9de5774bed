// Element-wise ops compute their results where they are inserted.
// RUN: dale-opt %s --dale-place-parts --canonicalize | FileCheck %s

// The inside of a padded map. The map it is padded in is made before.
// CHECK-LABEL: func.func @padded(
// CHECK:      %[[ZEROS:.*]] = linalg.fill
// CHECK:      %[[INSIDE:.*]] = tensor.extract_slice %[[ZEROS]][0, 1, 1, 0] [1, 4, 4, 8]
// CHECK:      %[[ABS:.*]] = linalg.generic {{.*}} outs(%[[INSIDE]] : tensor<1x4x4x8xf32>)
// CHECK:      tensor.insert_slice %[[ABS]] into %[[ZEROS]][0, 1, 1, 0]
#map = affine_map<(n, h, w, c) -> (n, h, w, c)>
func.func @padded(%x: tensor<1x4x4x8xf32>) -> tensor<1x6x6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x4x8xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x4x8xf32>) outs(%e : tensor<1x4x4x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.absf %a : f32
    linalg.yield %b : f32
  } -> tensor<1x4x4x8xf32>
  %f = tensor.empty() : tensor<1x6x6x8xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%f : tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %2 = tensor.insert_slice %0 into %1[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  return %2 : tensor<1x6x6x8xf32>
}

// A tensor of zeros that others start from as well is made once more.
// CHECK-LABEL: func.func @shared_zeros(
// CHECK:      %[[ZEROS:.*]] = linalg.fill
// CHECK:      %[[INSIDE:.*]] = tensor.extract_slice %[[ZEROS]]
// CHECK:      %[[ABS:.*]] = linalg.generic {{.*}} outs(%[[INSIDE]] :
// CHECK:      %[[OTHERS:.*]] = linalg.fill
// CHECK:      %[[PADDED:.*]] = tensor.insert_slice %[[ABS]] into %[[ZEROS]]
// CHECK:      %[[COPIED:.*]] = tensor.insert_slice %{{.*}} into %[[OTHERS]]
// CHECK:      return %[[PADDED]], %[[COPIED]]
func.func @shared_zeros(%x: tensor<1x4x4x8xf32>)
    -> (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x4x8xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x4x8xf32>) outs(%e : tensor<1x4x4x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.absf %a : f32
    linalg.yield %b : f32
  } -> tensor<1x4x4x8xf32>
  %f = tensor.empty() : tensor<1x6x6x8xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%f : tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %2 = tensor.insert_slice %0 into %1[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  %3 = tensor.insert_slice %x into %1[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  return %2, %3 : tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>
}

// What is needed elsewhere is computed in both places.
// CHECK-LABEL: func.func @used_again(
// CHECK-SAME: %{{.*}}, %[[WHOLE:.*]]: tensor<1x6x6x8xf32>)
// CHECK:      %[[INSIDE:.*]] = tensor.extract_slice %[[WHOLE]]
// CHECK:      %[[ABS:.*]]:2 = linalg.generic {{.*}} outs(%{{.*}}, %[[INSIDE]] :
// CHECK:        linalg.yield %[[B:.*]], %[[B]] : f32, f32
// CHECK:      %[[PADDED:.*]] = tensor.insert_slice %[[ABS]]#1 into %[[WHOLE]]
// CHECK:      return %[[PADDED]], %[[ABS]]#0
func.func @used_again(%x: tensor<1x4x4x8xf32>, %whole: tensor<1x6x6x8xf32>)
    -> (tensor<1x6x6x8xf32>, tensor<1x4x4x8xf32>) {
  %e = tensor.empty() : tensor<1x4x4x8xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x4x8xf32>) outs(%e : tensor<1x4x4x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.absf %a : f32
    linalg.yield %b : f32
  } -> tensor<1x4x4x8xf32>
  %1 = tensor.insert_slice %0 into %whole[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  return %1, %0 : tensor<1x6x6x8xf32>, tensor<1x4x4x8xf32>
}

// Not what adds to a value, and not into what is computed later.
// CHECK-LABEL: func.func @not(
// CHECK-NOT:  tensor.extract_slice
func.func @not(%x: tensor<1x4x4x8xf32>, %s: tensor<1x4x4x8xf32>, %y: tensor<1x6x6x8xf32>)
    -> (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) {
  %e = tensor.empty() : tensor<1x4x4x8xf32>
  %0:2 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x4x8xf32>) outs(%s, %e : tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>) {
  ^bb0(%a: f32, %o: f32, %p: f32):
    %b = arith.addf %a, %o : f32
    linalg.yield %b, %a : f32, f32
  } -> (tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>)
  %1 = tensor.insert_slice %0#0 into %y[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  %later = math.absf %y : tensor<1x6x6x8xf32>
  %2 = tensor.insert_slice %0#1 into %later[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  return %1, %2 : tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>
}

// A product of an image's pixels computes row by row: nothing has to be copied
// to where it is padded, and what reads it besides finds it there.
// CHECK-LABEL: func.func @product(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<1x4x8x16xf32>, %[[W:[a-z0-9]+]]: tensor<16x32xf32>
// CHECK:      %[[ZEROS:.*]] = linalg.fill {{.*}} -> tensor<1x6x10x32xf32>
// CHECK:      %[[INSIDE:.*]] = tensor.extract_slice %[[ZEROS]][0, 1, 1, 0] [1, 4, 8, 32]
// CHECK:      %[[START:.*]] = linalg.fill {{.*}} outs(%[[INSIDE]] :
// CHECK:      %[[Y:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[W]] : {{.*}}) outs(%[[START]] : tensor<1x4x8x32xf32>)
// CHECK:      %[[PADDED:.*]] = tensor.insert_slice %[[Y]] into %[[ZEROS]][0, 1, 1, 0]
// CHECK:      %[[ABS:.*]] = linalg.generic {{.*}} ins(%[[Y]] :
// CHECK:      return %[[PADDED]], %[[ABS]]
func.func @product(%x: tensor<1x4x8x16xf32>, %w: tensor<16x32xf32>)
    -> (tensor<1x6x10x32xf32>, tensor<1x4x8x32xf32>) {
  %zero = arith.constant 0.0 : f32
  %rows = tensor.collapse_shape %x [[0, 1, 2], [3]] : tensor<1x4x8x16xf32> into tensor<32x16xf32>
  %e = tensor.empty() : tensor<32x32xf32>
  %start = linalg.fill ins(%zero : f32) outs(%e : tensor<32x32xf32>) -> tensor<32x32xf32>
  %product = linalg.matmul ins(%rows, %w : tensor<32x16xf32>, tensor<16x32xf32>)
      outs(%start : tensor<32x32xf32>) -> tensor<32x32xf32>
  %y = tensor.expand_shape %product [[0, 1, 2], [3]] output_shape [1, 4, 8, 32]
      : tensor<32x32xf32> into tensor<1x4x8x32xf32>
  %f = tensor.empty() : tensor<1x6x10x32xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%f : tensor<1x6x10x32xf32>) -> tensor<1x6x10x32xf32>
  %padded = tensor.insert_slice %y into %zeros[0, 1, 1, 0] [1, 4, 8, 32] [1, 1, 1, 1]
      : tensor<1x4x8x32xf32> into tensor<1x6x10x32xf32>
  %g = tensor.empty() : tensor<1x4x8x32xf32>
  %abs = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%y : tensor<1x4x8x32xf32>) outs(%g : tensor<1x4x8x32xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.absf %a : f32
    linalg.yield %b : f32
  } -> tensor<1x4x8x32xf32>
  return %padded, %abs : tensor<1x6x10x32xf32>, tensor<1x4x8x32xf32>
}

// Rows of four pixels would not fill a tile of registers, and what is read as a
// matrix again has to lie as one.
// CHECK-LABEL: func.func @product_elsewhere(
// CHECK-COUNT-2: linalg.matmul
func.func @product_elsewhere(%x: tensor<1x4x4x16xf32>, %x2: tensor<1x4x8x16xf32>, %w: tensor<16x32xf32>)
    -> (tensor<1x6x6x32xf32>, tensor<1x6x10x32xf32>, tensor<32x32xf32>) {
  %zero = arith.constant 0.0 : f32
  %rows = tensor.collapse_shape %x [[0, 1, 2], [3]] : tensor<1x4x4x16xf32> into tensor<16x16xf32>
  %e = tensor.empty() : tensor<16x32xf32>
  %start = linalg.fill ins(%zero : f32) outs(%e : tensor<16x32xf32>) -> tensor<16x32xf32>
  %product = linalg.matmul ins(%rows, %w : tensor<16x16xf32>, tensor<16x32xf32>)
      outs(%start : tensor<16x32xf32>) -> tensor<16x32xf32>
  %y = tensor.expand_shape %product [[0, 1, 2], [3]] output_shape [1, 4, 4, 32]
      : tensor<16x32xf32> into tensor<1x4x4x32xf32>
  %f = tensor.empty() : tensor<1x6x6x32xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%f : tensor<1x6x6x32xf32>) -> tensor<1x6x6x32xf32>
  %padded = tensor.insert_slice %y into %zeros[0, 1, 1, 0] [1, 4, 4, 32] [1, 1, 1, 1]
      : tensor<1x4x4x32xf32> into tensor<1x6x6x32xf32>

  %rows2 = tensor.collapse_shape %x2 [[0, 1, 2], [3]] : tensor<1x4x8x16xf32> into tensor<32x16xf32>
  %e2 = tensor.empty() : tensor<32x32xf32>
  %start2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<32x32xf32>) -> tensor<32x32xf32>
  %product2 = linalg.matmul ins(%rows2, %w : tensor<32x16xf32>, tensor<16x32xf32>)
      outs(%start2 : tensor<32x32xf32>) -> tensor<32x32xf32>
  %y2 = tensor.expand_shape %product2 [[0, 1, 2], [3]] output_shape [1, 4, 8, 32]
      : tensor<32x32xf32> into tensor<1x4x8x32xf32>
  %f2 = tensor.empty() : tensor<1x6x10x32xf32>
  %zeros2 = linalg.fill ins(%zero : f32) outs(%f2 : tensor<1x6x10x32xf32>) -> tensor<1x6x10x32xf32>
  %padded2 = tensor.insert_slice %y2 into %zeros2[0, 1, 1, 0] [1, 4, 8, 32] [1, 1, 1, 1]
      : tensor<1x4x8x32xf32> into tensor<1x6x10x32xf32>
  return %padded, %padded2, %product2 : tensor<1x6x6x32xf32>, tensor<1x6x10x32xf32>, tensor<32x32xf32>
}

// Who else reads a map reads it inside of its margins: there is one of it. What
// read it as a matrix gets loops over rows and columns of pixels for that.
// CHECK-LABEL: func.func @read_in_place(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<1x4x8x16xf32>, %[[W:[a-z0-9]+]]: tensor<16x32xf32>, %[[Y:[a-z0-9]+]]: tensor<1x4x8x32xf32>, %[[G:[a-z0-9]+]]: tensor<16x32xf32>
// CHECK:      %[[ZEROS:.*]] = linalg.fill {{.*}} -> tensor<1x6x10x16xf32>
// CHECK:      %[[INSIDE:.*]] = tensor.extract_slice %[[ZEROS]][0, 1, 1, 0] [1, 4, 8, 16]
// CHECK:      %[[ABS:.*]] = linalg.generic {{.*}} ins(%[[X]] : {{.*}}) outs(%[[INSIDE]] :
// CHECK:      %[[PADDED:.*]] = tensor.insert_slice %[[ABS]] into %[[ZEROS]]
// CHECK:      %[[START:.*]] = linalg.fill {{.*}} -> tensor<1x4x8x32xf32>
// CHECK:      %[[PRODUCT:.*]] = linalg.generic {{.*}}"reduction"]} ins(%[[ABS]], %[[W]] : {{.*}}) outs(%[[START]] : tensor<1x4x8x32xf32>)
// CHECK:      %[[GRADIENT:.*]] = linalg.generic {{.*}}"parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%[[ABS]], %[[Y]] : {{.*}}) outs(%[[G]] : tensor<16x32xf32>)
// CHECK:      return %[[PADDED]], %[[PRODUCT]], %[[GRADIENT]]
func.func @read_in_place(%x: tensor<1x4x8x16xf32>, %w: tensor<16x32xf32>, %y: tensor<1x4x8x32xf32>, %g: tensor<16x32xf32>)
    -> (tensor<1x6x10x16xf32>, tensor<1x4x8x32xf32>, tensor<16x32xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x8x16xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x8x16xf32>) outs(%e : tensor<1x4x8x16xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.absf %a : f32
    linalg.yield %b : f32
  } -> tensor<1x4x8x16xf32>
  %f = tensor.empty() : tensor<1x6x10x16xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%f : tensor<1x6x10x16xf32>) -> tensor<1x6x10x16xf32>
  %padded = tensor.insert_slice %0 into %zeros[0, 1, 1, 0] [1, 4, 8, 16] [1, 1, 1, 1]
      : tensor<1x4x8x16xf32> into tensor<1x6x10x16xf32>
  %rows = tensor.collapse_shape %0 [[0, 1, 2], [3]] : tensor<1x4x8x16xf32> into tensor<32x16xf32>
  %p = tensor.empty() : tensor<32x32xf32>
  %start = linalg.fill ins(%zero : f32) outs(%p : tensor<32x32xf32>) -> tensor<32x32xf32>
  %product = linalg.matmul ins(%rows, %w : tensor<32x16xf32>, tensor<16x32xf32>)
      outs(%start : tensor<32x32xf32>) -> tensor<32x32xf32>
  %z = tensor.expand_shape %product [[0, 1, 2], [3]] output_shape [1, 4, 8, 32]
      : tensor<32x32xf32> into tensor<1x4x8x32xf32>
  %cotangents = tensor.collapse_shape %y [[0, 1, 2], [3]] : tensor<1x4x8x32xf32> into tensor<32x32xf32>
  %gradient = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
                              iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%rows, %cotangents : tensor<32x16xf32>, tensor<32x32xf32>) outs(%g : tensor<16x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %t = arith.mulf %a, %b : f32
    %s = arith.addf %o, %t : f32
    linalg.yield %s : f32
  } -> tensor<16x32xf32>
  return %padded, %z, %gradient : tensor<1x6x10x16xf32>, tensor<1x4x8x32xf32>, tensor<16x32xf32>
}

// A product of pairs of bf16 too.
// CHECK-LABEL: func.func @pairs(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<32x8x2xbf16>, %[[W:[a-z0-9]+]]: tensor<8x32x2xbf16>
// CHECK:      %[[ROWS:.*]] = tensor.expand_shape %[[X]] {{\[\[0, 1, 2\], \[3\], \[4\]\]}} output_shape [1, 4, 8, 8, 2]
// CHECK:      %[[Y:.*]] = linalg.generic {{.*}} ins(%[[ROWS]], %[[W]] : tensor<1x4x8x8x2xbf16>, tensor<8x32x2xbf16>) outs(%{{.*}} : tensor<1x4x8x32xf32>)
// CHECK:      tensor.insert_slice %[[Y]] into %{{.*}}[0, 1, 1, 0]
func.func @pairs(%x: tensor<32x8x2xbf16>, %w: tensor<8x32x2xbf16>) -> tensor<1x6x10x32xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<32x32xf32>
  %start = linalg.fill ins(%zero : f32) outs(%e : tensor<32x32xf32>) -> tensor<32x32xf32>
  %product = linalg.generic {indexing_maps = [affine_map<(m, n, k, p) -> (m, k, p)>, affine_map<(m, n, k, p) -> (k, n, p)>, affine_map<(m, n, k, p) -> (m, n)>],
                             iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %w : tensor<32x8x2xbf16>, tensor<8x32x2xbf16>) outs(%start : tensor<32x32xf32>) {
  ^bb0(%a: bf16, %b: bf16, %o: f32):
    %wide = arith.extf %a : bf16 to f32
    %wider = arith.extf %b : bf16 to f32
    %t = arith.mulf %wide, %wider : f32
    %s = arith.addf %o, %t : f32
    linalg.yield %s : f32
  } -> tensor<32x32xf32>
  %y = tensor.expand_shape %product [[0, 1, 2], [3]] output_shape [1, 4, 8, 32]
      : tensor<32x32xf32> into tensor<1x4x8x32xf32>
  %f = tensor.empty() : tensor<1x6x10x32xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%f : tensor<1x6x10x32xf32>) -> tensor<1x6x10x32xf32>
  %padded = tensor.insert_slice %y into %zeros[0, 1, 1, 0] [1, 4, 8, 32] [1, 1, 1, 1]
      : tensor<1x4x8x32xf32> into tensor<1x6x10x32xf32>
  return %padded : tensor<1x6x10x32xf32>
}

// Where the part begins may be computed behind the op: it stays.
// CHECK-LABEL: func.func @computed_place(
// CHECK:      %[[EMPTY:.*]] = tensor.empty
// CHECK:      %[[ABS:.*]] = linalg.generic {{.*}} outs(%[[EMPTY]] :
// CHECK:      tensor.insert_slice %[[ABS]] into %{{.*}}[%{{.*}}, 0] [4, 4]
func.func @computed_place(%x: tensor<4x4xf32>, %whole: tensor<8x8xf32>, %row: index) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<4x4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.absf %a : f32
    linalg.yield %b : f32
  } -> tensor<4x4xf32>
  %two = arith.constant 2 : index
  %begin = arith.addi %row, %two : index
  %1 = tensor.insert_slice %0 into %whole[%begin, 0] [4, 4] [1, 1] : tensor<4x4xf32> into tensor<8x8xf32>
  return %1 : tensor<8x8xf32>
}
