// Sums with few results are split by rows.
// RUN: dale-opt %s --pass-pipeline="builtin.module(func.func(dale-split-sums{threads=64},canonicalize))" | FileCheck %s

#all = affine_map<(h, w, c) -> (h, w, c)>
#channel = affine_map<(h, w, c) -> (c)>

// Two sums: each row of the image has its own of both; then the rows are added to
// what there was.
// CHECK-DAG:   #[[ROWS:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG:   #[[FROM:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG:   #[[TO:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: func.func @moments(
// CHECK-SAME:  %[[X:.*]]: tensor<8x16x32xf32>, %[[A:.*]]: tensor<32xf32>, %[[B:.*]]: tensor<32xf32>)
// CHECK:       %[[ZEROS:.*]] = linalg.fill {{.*}} -> tensor<8x32xf32>
// CHECK:       %[[PARTS:.*]]:2 = linalg.generic
// CHECK-SAME:    #[[ROWS]], #[[ROWS]]], iterator_types = ["parallel", "reduction", "parallel"]
// CHECK-SAME:    ins(%[[X]] : tensor<8x16x32xf32>) outs(%[[ZEROS]], %{{.*}} : tensor<8x32xf32>, tensor<8x32xf32>)
// CHECK:       linalg.generic {indexing_maps = [#[[FROM]], #[[FROM]], #[[TO]], #[[TO]]], iterator_types = ["reduction", "parallel"]}
// CHECK-SAME:    outs(%[[A]], %[[B]] : tensor<32xf32>, tensor<32xf32>)
func.func @moments(%x: tensor<8x16x32xf32>, %a: tensor<32xf32>, %b: tensor<32xf32>)
    -> (tensor<32xf32>, tensor<32xf32>) {
  %0:2 = linalg.generic {indexing_maps = [#all, #channel, #channel], iterator_types = ["reduction", "reduction", "parallel"]}
      ins(%x : tensor<8x16x32xf32>) outs(%a, %b : tensor<32xf32>, tensor<32xf32>) {
  ^bb0(%in: f32, %sum: f32, %squares: f32):
    %1 = arith.addf %sum, %in : f32
    %2 = math.fma %in, %in, %squares : f32
    linalg.yield %1, %2 : f32, f32
  } -> (tensor<32xf32>, tensor<32xf32>)
  return %0#0, %0#1 : tensor<32xf32>, tensor<32xf32>
}

// Enough results for all threads; a sum along one dimension only; no sum.
// CHECK-LABEL: func.func @left_alone(
// CHECK-NOT:   linalg.fill
// CHECK:       return
func.func @left_alone(%x: tensor<8x16x256xf32>, %y: tensor<1x8x32xf32>, %z: tensor<8x16x32xf32>, %a: tensor<256xf32>, %b: tensor<32xf32>)
    -> (tensor<256xf32>, tensor<32xf32>, tensor<32xf32>) {
  %0 = linalg.generic {indexing_maps = [#all, #channel], iterator_types = ["reduction", "reduction", "parallel"]}
      ins(%x : tensor<8x16x256xf32>) outs(%a : tensor<256xf32>) {
  ^bb0(%in: f32, %sum: f32):
    %1 = arith.addf %sum, %in : f32
    linalg.yield %1 : f32
  } -> tensor<256xf32>
  %2 = linalg.generic {indexing_maps = [#all, #channel], iterator_types = ["reduction", "reduction", "parallel"]}
      ins(%y : tensor<1x8x32xf32>) outs(%b : tensor<32xf32>) {
  ^bb0(%in: f32, %sum: f32):
    %1 = arith.addf %sum, %in : f32
    linalg.yield %1 : f32
  } -> tensor<32xf32>
  %3 = linalg.generic {indexing_maps = [#all, #channel], iterator_types = ["reduction", "reduction", "parallel"]}
      ins(%z : tensor<8x16x32xf32>) outs(%b : tensor<32xf32>) {
  ^bb0(%in: f32, %most: f32):
    %1 = arith.maximumf %most, %in : f32
    linalg.yield %1 : f32
  } -> tensor<32xf32>
  return %0, %2, %3 : tensor<256xf32>, tensor<32xf32>, tensor<32xf32>
}

// A long sum to one number: 300 are 18 rows of 16, each column of which has a sum
// of its own, and 12 that are added at the end.
#one = affine_map<(i) -> (i)>
#none = affine_map<(i) -> ()>
// CHECK-LABEL: func.func @squares(
// CHECK-SAME:  %[[X:.*]]: tensor<300xf32>, %[[SUM:.*]]: tensor<f32>)
// CHECK:       %[[WHOLE:.*]] = tensor.extract_slice %[[X]][0] [288] [1]
// CHECK:       %[[ROWS:.*]] = tensor.expand_shape %[[WHOLE]] {{\[\[}}0, 1]] output_shape [18, 16]
// CHECK:       %[[PARTS:.*]] = linalg.generic
// CHECK-SAME:    iterator_types = ["reduction", "parallel"]} ins(%[[ROWS]] : tensor<18x16xf32>)
// CHECK:         math.fma
// CHECK:       %[[TOTAL:.*]] = linalg.generic
// CHECK-SAME:    iterator_types = ["reduction"]} ins(%[[PARTS]] : tensor<16xf32>) outs(%[[SUM]] : tensor<f32>)
// CHECK:         arith.addf
// CHECK:       %[[REST:.*]] = tensor.extract_slice %[[X]][288] [12] [1]
// CHECK:       linalg.generic {{.*}} ins(%[[REST]] : tensor<12xf32>) outs(%[[TOTAL]] : tensor<f32>)
// CHECK:         math.fma
func.func @squares(%x: tensor<300xf32>, %sum: tensor<f32>) -> tensor<f32> {
  %0 = linalg.generic {indexing_maps = [#one, #none], iterator_types = ["reduction"]}
      ins(%x : tensor<300xf32>) outs(%sum : tensor<f32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = math.fma %in, %in, %out : f32
    linalg.yield %1 : f32
  } -> tensor<f32>
  return %0 : tensor<f32>
}

// One over several dimensions is a sum over one first: rows of 16 again, 32.
#every = affine_map<(k, i, o) -> (k, i, o)>
#scalar = affine_map<(k, i, o) -> ()>
// CHECK-LABEL: func.func @weights(
// CHECK-SAME:  %[[W:.*]]: tensor<4x8x16xf32>, %[[SUM:.*]]: tensor<f32>)
// CHECK:       %[[ROWS:.*]] = tensor.collapse_shape %[[W]] {{\[\[}}0, 1], [2]] : tensor<4x8x16xf32> into tensor<32x16xf32>
// CHECK:       %[[PARTS:.*]] = linalg.generic
// CHECK-SAME:    iterator_types = ["reduction", "parallel"]} ins(%[[ROWS]] : tensor<32x16xf32>)
// CHECK:         math.fma
// CHECK:       linalg.generic
// CHECK-SAME:    iterator_types = ["reduction"]} ins(%[[PARTS]] : tensor<16xf32>) outs(%[[SUM]] : tensor<f32>)
func.func @weights(%w: tensor<4x8x16xf32>, %sum: tensor<f32>) -> tensor<f32> {
  %0 = linalg.generic {indexing_maps = [#every, #scalar], iterator_types = ["reduction", "reduction", "reduction"]}
      ins(%w : tensor<4x8x16xf32>) outs(%sum : tensor<f32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = math.fma %in, %in, %out : f32
    linalg.yield %1 : f32
  } -> tensor<f32>
  return %0 : tensor<f32>
}
