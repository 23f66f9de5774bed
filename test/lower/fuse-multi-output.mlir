// What reads the same maps is computed together, and what reads a map along with
// it, where nothing else is needed.
// RUN: dale-opt %s --dale-fuse-multi-output --split-input-file | FileCheck %s
// RUN: dale-opt %s --dale-fuse-multi-output=max-operands=4 --split-input-file | FileCheck %s --check-prefix=FEW
// RUN: dale-opt %s --dale-fuse-multi-output=fuse-sums --split-input-file | FileCheck %s --check-prefix=TOTALS

// All that the second needs is there where the first is: they are one op there,
// before the first is used.
// CHECK-LABEL: func.func @where_the_first_is(
// CHECK-SAME:    %[[X:.*]]: tensor<8x4xf32>, %[[K:.*]]: tensor<2x4xf32>
// CHECK:         %[[K0:.*]] = tensor.extract_slice %[[K]][0, 0]
// CHECK:         %[[K1:.*]] = tensor.extract_slice %[[K]][1, 0]
// CHECK:         %[[BOTH:.*]]:2 = linalg.generic {{.*}} ins(%[[X]], %[[K0]], %[[K1]] :
// CHECK-NEXT:    ^bb0(%[[A:[a-z0-9_]+]]: f32, %[[B:[a-z0-9_]+]]: f32, %[[C:[a-z0-9_]+]]: f32,
// CHECK-NEXT:      %[[P:.*]] = arith.mulf %[[A]], %[[B]] : f32
// CHECK-NEXT:      %[[Q:.*]] = arith.mulf %[[A]], %[[C]] : f32
// CHECK-NEXT:      linalg.yield %[[P]], %[[Q]] : f32, f32
// CHECK:         %[[USED:.*]] = linalg.matmul ins(%[[BOTH]]#0,
// CHECK:         return %[[USED]], %[[BOTH]]#1
// FEW-LABEL:   func.func @where_the_first_is(
// FEW:           linalg.generic
// FEW:           linalg.matmul
// FEW:           linalg.generic
#map = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
func.func @where_the_first_is(%x: tensor<8x4xf32>, %k: tensor<2x4xf32>, %w: tensor<4x4xf32>)
    -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  %e = tensor.empty() : tensor<8x4xf32>
  %k0 = tensor.extract_slice %k[0, 0] [1, 4] [1, 1] : tensor<2x4xf32> to tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #row, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x, %k0 : tensor<8x4xf32>, tensor<4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %4 = arith.mulf %a, %b : f32
    linalg.yield %4 : f32
  } -> tensor<8x4xf32>
  %1 = linalg.matmul ins(%0, %w : tensor<8x4xf32>, tensor<4x4xf32>) outs(%x : tensor<8x4xf32>) -> tensor<8x4xf32>
  %k1 = tensor.extract_slice %k[1, 0] [1, 4] [1, 1] : tensor<2x4xf32> to tensor<4xf32>
  %2 = linalg.generic {indexing_maps = [#map, #row, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x, %k1 : tensor<8x4xf32>, tensor<4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %4 = arith.mulf %a, %b : f32
    linalg.yield %4 : f32
  } -> tensor<8x4xf32>
  return %1, %2 : tensor<8x4xf32>, tensor<8x4xf32>
}

// -----

// The second sum needs a product that comes later. Nothing but a place in a
// result needs the first before: both are summed after the product.
// CHECK-LABEL: func.func @where_the_second_is(
// CHECK-SAME:    %[[X:.*]]: tensor<8x4xf32>, %[[Y:.*]]: tensor<8x4xf32>, %[[SUMS:.*]]: tensor<2x4xf32>
// CHECK:         %[[LATE:.*]] = linalg.matmul
// CHECK:         %[[BOTH:.*]]:2 = linalg.generic {{.*}}"reduction", "parallel"]} ins(%[[X]], %[[Y]], %[[LATE]] :
// CHECK:         %[[FIRST:.*]] = tensor.insert_slice %[[BOTH]]#0 into %[[SUMS]][0, 0]
// CHECK:         %[[SECOND:.*]] = tensor.insert_slice %[[BOTH]]#1 into %[[FIRST]][1, 0]
// CHECK:         return %[[SECOND]]
#map = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
func.func @where_the_second_is(%x: tensor<8x4xf32>, %y: tensor<8x4xf32>, %sums: tensor<2x4xf32>, %w: tensor<4x4xf32>)
    -> tensor<2x4xf32> {
  %s0 = tensor.extract_slice %sums[0, 0] [1, 4] [1, 1] : tensor<2x4xf32> to tensor<4xf32>
  %s1 = tensor.extract_slice %sums[1, 0] [1, 4] [1, 1] : tensor<2x4xf32> to tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map, #row], iterator_types = ["reduction", "parallel"]}
      ins(%x, %y : tensor<8x4xf32>, tensor<8x4xf32>) outs(%s0 : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %4 = arith.mulf %a, %b : f32
    %5 = arith.addf %o, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<4xf32>
  %i0 = tensor.insert_slice %0 into %sums[0, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<2x4xf32>
  %late = linalg.matmul ins(%y, %w : tensor<8x4xf32>, tensor<4x4xf32>) outs(%y : tensor<8x4xf32>) -> tensor<8x4xf32>
  %1 = linalg.generic {indexing_maps = [#map, #map, #row], iterator_types = ["reduction", "parallel"]}
      ins(%x, %late : tensor<8x4xf32>, tensor<8x4xf32>) outs(%s1 : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %4 = arith.mulf %a, %b : f32
    %5 = arith.addf %o, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<4xf32>
  %i1 = tensor.insert_slice %1 into %i0[1, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<2x4xf32>
  return %i1 : tensor<2x4xf32>
}

// -----

// A product in between needs the first and makes what the second needs.
// CHECK-LABEL: func.func @neither(
// CHECK:         linalg.generic
// CHECK:         linalg.matmul
// CHECK:         linalg.generic
#map = affine_map<(i, j) -> (i, j)>
func.func @neither(%x: tensor<8x4xf32>, %w: tensor<4x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  %e = tensor.empty() : tensor<8x4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %4 = math.absf %a : f32
    linalg.yield %4 : f32
  } -> tensor<8x4xf32>
  %late = linalg.matmul ins(%0, %w : tensor<8x4xf32>, tensor<4x4xf32>) outs(%x : tensor<8x4xf32>) -> tensor<8x4xf32>
  %1 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x, %late : tensor<8x4xf32>, tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %4 = arith.mulf %a, %b : f32
    linalg.yield %4 : f32
  } -> tensor<8x4xf32>
  return %0, %1 : tensor<8x4xf32>, tensor<8x4xf32>
}

// -----

// They read nothing in common but a row, or go over different loops.
// CHECK-LABEL: func.func @nothing_shared(
// CHECK-COUNT-3: linalg.generic
#map = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (j)>
func.func @nothing_shared(%x: tensor<8x4xf32>, %y: tensor<8x4xf32>, %b: tensor<4xf32>)
    -> (tensor<8x4xf32>, tensor<8x4xf32>, tensor<4xf32>) {
  %e = tensor.empty() : tensor<8x4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #row, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : tensor<8x4xf32>, tensor<4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %4 = arith.addf %a, %c : f32
    linalg.yield %4 : f32
  } -> tensor<8x4xf32>
  %1 = linalg.generic {indexing_maps = [#map, #row, #map], iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<8x4xf32>, tensor<4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %4 = arith.addf %a, %c : f32
    linalg.yield %4 : f32
  } -> tensor<8x4xf32>
  %2 = linalg.generic {indexing_maps = [#map, #row], iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<8x4xf32>) outs(%b : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %4 = arith.addf %a, %o : f32
    linalg.yield %4 : f32
  } -> tensor<4xf32>
  return %0, %1, %2 : tensor<8x4xf32>, tensor<8x4xf32>, tensor<4xf32>
}

// -----

// The last op needs nothing but a map that has other users: it is computed with
// that. Nobody else needs what it is computed from, which gets no place then.
// CHECK-LABEL: func.func @user(
// CHECK-SAME:    %[[X:.*]]: tensor<8x4xf32>, %[[W:.*]]: tensor<4x4xf32>
// CHECK:         %[[BOTH:.*]]:2 = linalg.generic {{.*}} ins(%[[X]] : tensor<8x4xf32>) outs(%{{.*}}, %{{.*}} : tensor<8x4xf32>, tensor<8x4xf16>)
// CHECK-NEXT:    ^bb0(%[[A:[a-z0-9_]+]]: f32,
// CHECK-NEXT:      %[[ABS:.*]] = math.absf %[[A]] : f32
// CHECK-NEXT:      %[[ROUNDED:.*]] = arith.truncf %[[ABS]] : f32 to f16
// CHECK-NEXT:      linalg.yield %[[ABS]], %[[ROUNDED]] : f32, f16
// CHECK:         %[[LATE:.*]] = linalg.matmul ins(%[[BOTH]]#0, %[[W]] :
// CHECK:         return %[[LATE]], %[[BOTH]]#1
#map = affine_map<(i, j) -> (i, j)>
func.func @user(%x: tensor<8x4xf32>, %w: tensor<4x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf16>) {
  %e = tensor.empty() : tensor<8x4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %4 = math.absf %a : f32
    linalg.yield %4 : f32
  } -> tensor<8x4xf32>
  %late = linalg.matmul ins(%0, %w : tensor<8x4xf32>, tensor<4x4xf32>) outs(%x : tensor<8x4xf32>) -> tensor<8x4xf32>
  %f = tensor.empty() : tensor<8x4xf16>
  %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<8x4xf32>) outs(%f : tensor<8x4xf16>) {
  ^bb0(%a: f32, %o: f16):
    %4 = arith.truncf %a : f32 to f16
    linalg.yield %4 : f16
  } -> tensor<8x4xf16>
  return %late, %1 : tensor<8x4xf32>, tensor<8x4xf16>
}

// -----

// A result that all its users are computed with is not stored.
// CHECK-LABEL: func.func @no_place(
// CHECK:         linalg.generic {{.*}} outs(%{{.*}}, %{{.*}} : tensor<8x4xf16>, tensor<8x4xf64>)
// CHECK-NOT:     linalg.generic
// CHECK:         return
#map = affine_map<(i, j) -> (i, j)>
func.func @no_place(%x: tensor<8x4xf32>) -> (tensor<8x4xf16>, tensor<8x4xf64>) {
  %e = tensor.empty() : tensor<8x4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %4 = math.absf %a : f32
    linalg.yield %4 : f32
  } -> tensor<8x4xf32>
  %f = tensor.empty() : tensor<8x4xf16>
  %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<8x4xf32>) outs(%f : tensor<8x4xf16>) {
  ^bb0(%a: f32, %o: f16):
    %4 = arith.truncf %a : f32 to f16
    linalg.yield %4 : f16
  } -> tensor<8x4xf16>
  %g = tensor.empty() : tensor<8x4xf64>
  %2 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<8x4xf32>) outs(%g : tensor<8x4xf64>) {
  ^bb0(%a: f32, %o: f64):
    %4 = arith.extf %a : f32 to f64
    linalg.yield %4 : f64
  } -> tensor<8x4xf64>
  return %1, %2 : tensor<8x4xf16>, tensor<8x4xf64>
}

// -----

// What adds to a result of the other needs that to be there.
// CHECK-LABEL: func.func @adds(
// CHECK-COUNT-2: linalg.generic
#map = affine_map<(i, j) -> (i, j)>
func.func @adds(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %e = tensor.empty() : tensor<8x4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %4 = math.absf %a : f32
    linalg.yield %4 : f32
  } -> tensor<8x4xf32>
  %1 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x4xf32>) outs(%0 : tensor<8x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %4 = arith.addf %o, %a : f32
    linalg.yield %4 : f32
  } -> tensor<8x4xf32>
  return %1 : tensor<8x4xf32>
}

// -----

// What has several users is computed where the first of them is, if that needs a
// map that comes later. The other user is too late for it: a product needs the
// first and makes what it adds.
// CHECK-LABEL: func.func @first_user(
// CHECK-SAME:    %[[X:.*]]: tensor<8x4xf32>, %[[W:.*]]: tensor<4x4xf32>
// CHECK:         %[[Y:.*]] = linalg.matmul ins(%[[X]], %[[W]] :
// CHECK:         %[[BOTH:.*]]:2 = linalg.generic {{.*}} ins(%[[X]], %[[Y]] :
// CHECK-NEXT:    ^bb0(%[[A:[a-z0-9_]+]]: f32, %[[B:[a-z0-9_]+]]: f32,
// CHECK-NEXT:      %[[ABS:.*]] = math.absf %[[A]] : f32
// CHECK-NEXT:      %[[SUM:.*]] = arith.addf %[[ABS]], %[[B]] : f32
// CHECK-NEXT:      linalg.yield %[[ABS]], %[[SUM]] : f32, f32
// CHECK:         %[[LATE:.*]] = linalg.matmul ins(%[[BOTH]]#1, %[[W]] :
// CHECK:         linalg.generic {{.*}} ins(%[[BOTH]]#0, %[[LATE]] :
#map = affine_map<(i, j) -> (i, j)>
func.func @first_user(%x: tensor<8x4xf32>, %w: tensor<4x4xf32>) -> tensor<8x4xf32> {
  %e = tensor.empty() : tensor<8x4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %3 = math.absf %a : f32
    linalg.yield %3 : f32
  } -> tensor<8x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<8x4xf32>, tensor<4x4xf32>) outs(%x : tensor<8x4xf32>) -> tensor<8x4xf32>
  %1 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%0, %y : tensor<8x4xf32>, tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %3 = arith.addf %a, %b : f32
    linalg.yield %3 : f32
  } -> tensor<8x4xf32>
  %late = linalg.matmul ins(%1, %w : tensor<8x4xf32>, tensor<4x4xf32>) outs(%x : tensor<8x4xf32>) -> tensor<8x4xf32>
  %2 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%0, %late : tensor<8x4xf32>, tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %3 = arith.mulf %a, %b : f32
    linalg.yield %3 : f32
  } -> tensor<8x4xf32>
  return %2 : tensor<8x4xf32>
}

// -----

// A sum over rows has other loops, and what is read in another order too would be
// needed twice.
// CHECK-LABEL: func.func @another_order(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<4x4xf32>
// CHECK:         %[[BOTH:.*]]:2 = linalg.generic {{.*}} ins(%[[X]] :
// CHECK:         linalg.generic {{.*}} ins(%[[BOTH]]#0 : {{.*}} outs(%{{.*}} : tensor<4xf32>)
// CHECK:         linalg.generic {{.*}} ins(%[[BOTH]]#1, %[[BOTH]]#1 :
#map = affine_map<(i, j) -> (i, j)>
#turned = affine_map<(i, j) -> (j, i)>
#column = affine_map<(i, j) -> (j)>
func.func @another_order(%x: tensor<4x4xf32>, %c: tensor<4xf32>) -> (tensor<4xf32>, tensor<4x4xf32>) {
  %e = tensor.empty() : tensor<4x4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %4 = math.absf %a : f32
    linalg.yield %4 : f32
  } -> tensor<4x4xf32>
  %1 = linalg.generic {indexing_maps = [#map, #column], iterator_types = ["reduction", "parallel"]}
      ins(%0 : tensor<4x4xf32>) outs(%c : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %4 = arith.addf %o, %a : f32
    linalg.yield %4 : f32
  } -> tensor<4xf32>
  %2 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %4 = math.exp %a : f32
    linalg.yield %4 : f32
  } -> tensor<4x4xf32>
  %3 = linalg.generic {indexing_maps = [#map, #turned, #map], iterator_types = ["parallel", "parallel"]}
      ins(%2, %2 : tensor<4x4xf32>, tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %4 = arith.addf %a, %b : f32
    linalg.yield %4 : f32
  } -> tensor<4x4xf32>
  return %1, %3 : tensor<4xf32>, tensor<4x4xf32>
}

// -----

// A sum of what is computed, where that is asked for: what sums is a loop of both.
// CHECK-LABEL: func.func @sum(
// CHECK-COUNT-2: linalg.generic
// TOTALS-LABEL: func.func @sum(
// TOTALS-SAME:    %[[X:.*]]: tensor<8x4xf32>, %[[TOTAL:.*]]: tensor<4xf32>)
// TOTALS:         %[[BOTH:.*]]:2 = linalg.generic {{.*}} iterator_types = ["reduction", "parallel"]} ins(%[[X]] : tensor<8x4xf32>) outs(%{{.*}}, %[[TOTAL]] : tensor<8x4xf32>, tensor<4xf32>)
// TOTALS-NEXT:    ^bb0(%[[IN:.*]]: f32, %{{.*}}: f32, %[[SO_FAR:.*]]: f32):
// TOTALS-NEXT:      %[[SQUARE:.*]] = arith.mulf %[[IN]], %[[IN]]
// TOTALS-NEXT:      %[[NEXT:.*]] = arith.addf %[[SO_FAR]], %[[SQUARE]]
// TOTALS-NEXT:      linalg.yield %[[SQUARE]], %[[NEXT]]
// TOTALS:         return %[[BOTH]]#0, %[[BOTH]]#1
#map = affine_map<(p, c) -> (p, c)>
#channel = affine_map<(p, c) -> (c)>
func.func @sum(%x: tensor<8x4xf32>, %total: tensor<4xf32>) -> (tensor<8x4xf32>, tensor<4xf32>) {
  %empty = tensor.empty() : tensor<8x4xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x4xf32>) outs(%empty : tensor<8x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %2 = arith.mulf %a, %a : f32
    linalg.yield %2 : f32
  } -> tensor<8x4xf32>
  %1 = linalg.generic {indexing_maps = [#map, #channel], iterator_types = ["reduction", "parallel"]}
      ins(%0 : tensor<8x4xf32>) outs(%total : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %2 = arith.addf %o, %a : f32
    linalg.yield %2 : f32
  } -> tensor<4xf32>
  return %0, %1 : tensor<8x4xf32>, tensor<4xf32>
}

// -----

// What reads a sum needs all of it.
// TOTALS-LABEL: func.func @reads_the_sum(
// TOTALS-COUNT-2: linalg.generic
#map = affine_map<(p, c) -> (p, c)>
#channel = affine_map<(p, c) -> (c)>
func.func @reads_the_sum(%x: tensor<8x4xf32>, %total: tensor<4xf32>) -> tensor<8x4xf32> {
  %0 = linalg.generic {indexing_maps = [#map, #channel], iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<8x4xf32>) outs(%total : tensor<4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %2 = arith.addf %o, %a : f32
    linalg.yield %2 : f32
  } -> tensor<4xf32>
  %empty = tensor.empty() : tensor<8x4xf32>
  %1 = linalg.generic {indexing_maps = [#map, #channel, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x, %0 : tensor<8x4xf32>, tensor<4xf32>) outs(%empty : tensor<8x4xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %2 = arith.subf %a, %s : f32
    linalg.yield %2 : f32
  } -> tensor<8x4xf32>
  return %1 : tensor<8x4xf32>
}
