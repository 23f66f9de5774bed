// A map in bf16 is widened by those who read it.
// RUN: dale-opt %s --dale-fuse-widening --canonicalize --cse | FileCheck %s
// RUN: dale-opt %s --dale-fuse-widening=products=false --canonicalize --cse | FileCheck %s --check-prefix=APART

// CHECK:       #[[TERMS:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
#id = affine_map<(d0, d1) -> (d0, d1)>
#id4 = affine_map<(n, h, w, c) -> (n, h, w, c)>

// Both readers, whatever else they do: an element-wise op, and a product of a view.
// CHECK-LABEL: func.func @readers(
// CHECK-SAME:  %[[MAP:[a-z0-9]+]]: tensor<1x4x4x8xbf16>
// CHECK:       linalg.generic {{.*}} ins(%[[MAP]] : tensor<1x4x4x8xbf16>)
// CHECK:         arith.extf
// CHECK-NEXT:    math.exp
// CHECK:       %[[VIEW:.*]] = tensor.collapse_shape %[[MAP]]
// CHECK:       linalg.generic {{.*}} ins(%[[VIEW]], %{{.*}} : tensor<16x8xbf16>, tensor<8x8xf32>)
// CHECK:         arith.extf
// CHECK-NEXT:    arith.mulf
// CHECK-NEXT:    arith.addf
// Or products read a map in f32.
// APART-LABEL: func.func @readers(
// APART-SAME:  %[[MAP:[a-z0-9]+]]: tensor<1x4x4x8xbf16>
// APART:       linalg.generic {{.*}} ins(%[[MAP]] : tensor<1x4x4x8xbf16>)
// APART-NEXT:  ^bb0
// APART-NEXT:    arith.extf
// APART-NEXT:    math.exp
// APART:       linalg.generic {{.*}} ins(%{{.*}} : tensor<16x8xbf16>)
// APART:       linalg.matmul ins(%{{.*}}, %{{.*}} : tensor<16x8xf32>, tensor<8x8xf32>)
func.func @readers(%map: tensor<1x4x4x8xbf16>, %w: tensor<8x8xf32>, %sums: tensor<16x8xf32>)
    -> (tensor<1x4x4x8xf32>, tensor<16x8xf32>) {
  %empty = tensor.empty() : tensor<1x4x4x8xf32>
  %wide = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%map : tensor<1x4x4x8xbf16>) outs(%empty : tensor<1x4x4x8xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %0 = arith.extf %in : bf16 to f32
    linalg.yield %0 : f32
  } -> tensor<1x4x4x8xf32>
  %y = linalg.generic {indexing_maps = [#id4, #id4], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%wide : tensor<1x4x4x8xf32>) outs(%empty : tensor<1x4x4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.exp %in : f32
    linalg.yield %0 : f32
  } -> tensor<1x4x4x8xf32>
  %matrix = tensor.collapse_shape %wide [[0, 1, 2], [3]] : tensor<1x4x4x8xf32> into tensor<16x8xf32>
  %z = linalg.matmul ins(%matrix, %w : tensor<16x8xf32>, tensor<8x8xf32>) outs(%sums : tensor<16x8xf32>) -> tensor<16x8xf32>
  return %y, %z : tensor<1x4x4x8xf32>, tensor<16x8xf32>
}

// A margin of zeros is one of narrow zeros, and windows are those of the narrow map.
// CHECK-LABEL: func.func @windows(
// CHECK-SAME:  %[[MAP:[a-z0-9]+]]: tensor<4x8xbf16>
// CHECK:       %[[MARGIN:.*]] = linalg.fill {{.*}} -> tensor<6x8xbf16>
// CHECK:       %[[PADDED:.*]] = tensor.insert_slice %[[MAP]] into %[[MARGIN]]
// CHECK:       %[[WINDOW:.*]] = tensor.extract_slice %[[PADDED]]
// CHECK:       linalg.generic {{.*}} ins(%[[WINDOW]] : tensor<4x8xbf16>)
// CHECK:         arith.extf
// CHECK-NEXT:    math.exp
func.func @windows(%map: tensor<4x8xbf16>) -> tensor<4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x8xf32>
  %wide = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%map : tensor<4x8xbf16>) outs(%empty : tensor<4x8xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %0 = arith.extf %in : bf16 to f32
    linalg.yield %0 : f32
  } -> tensor<4x8xf32>
  %whole = tensor.empty() : tensor<6x8xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%whole : tensor<6x8xf32>) -> tensor<6x8xf32>
  %padded = tensor.insert_slice %wide into %zeros[1, 0] [4, 8] [1, 1] : tensor<4x8xf32> into tensor<6x8xf32>
  %window = tensor.extract_slice %padded[2, 0] [4, 8] [1, 1] : tensor<6x8xf32> to tensor<4x8xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%window : tensor<4x8xf32>) outs(%empty : tensor<4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = math.exp %in : f32
    linalg.yield %0 : f32
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// Not where the margin's number would not be the same.
// CHECK-LABEL: func.func @exact(
// CHECK:       tensor.insert_slice {{.*}} : tensor<4x8xf32> into tensor<6x8xf32>
func.func @exact(%map: tensor<4x8xbf16>) -> tensor<6x8xf32> {
  %number = arith.constant 0.1 : f32
  %empty = tensor.empty() : tensor<4x8xf32>
  %wide = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%map : tensor<4x8xbf16>) outs(%empty : tensor<4x8xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %0 = arith.extf %in : bf16 to f32
    linalg.yield %0 : f32
  } -> tensor<4x8xf32>
  %whole = tensor.empty() : tensor<6x8xf32>
  %margin = linalg.fill ins(%number : f32) outs(%whole : tensor<6x8xf32>) -> tensor<6x8xf32>
  %padded = tensor.insert_slice %wide into %margin[1, 0] [4, 8] [1, 1] : tensor<4x8xf32> into tensor<6x8xf32>
  return %padded : tensor<6x8xf32>
}

// A product reads weights that were transposed as they were before.
// CHECK-LABEL: func.func @transposed(
// CHECK-SAME:  %[[A:[a-z0-9]+]]: tensor<16x8xf32>, %[[W:[a-z0-9]+]]: tensor<4x8xbf16>
// CHECK:       linalg.generic {indexing_maps = [#{{.*}}, #[[TERMS]], #{{.*}}]
// CHECK-SAME:    ins(%[[A]], %[[W]] : tensor<16x8xf32>, tensor<4x8xbf16>)
// CHECK:         arith.extf
// CHECK-NEXT:    arith.mulf
#transposed = affine_map<(d0, d1) -> (d1, d0)>
func.func @transposed(%a: tensor<16x8xf32>, %w: tensor<4x8xbf16>, %sums: tensor<16x4xf32>) -> tensor<16x4xf32> {
  %empty = tensor.empty() : tensor<8x4xf32>
  %b = linalg.generic {indexing_maps = [#transposed, #id], iterator_types = ["parallel", "parallel"]}
      ins(%w : tensor<4x8xbf16>) outs(%empty : tensor<8x4xf32>) {
  ^bb0(%in: bf16, %out: f32):
    %0 = arith.extf %in : bf16 to f32
    linalg.yield %0 : f32
  } -> tensor<8x4xf32>
  %z = linalg.matmul ins(%a, %b : tensor<16x8xf32>, tensor<8x4xf32>) outs(%sums : tensor<16x4xf32>) -> tensor<16x4xf32>
  return %z : tensor<16x4xf32>
}
