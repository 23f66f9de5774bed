// An element-wise op that goes on with a product has the product's tiles, and gets
// them in registers.
// RUN: dale-opt %s --pass-pipeline="builtin.module(func.func(dale-tile-and-vectorize{vector-bits=128 num-registers=16 threads=32},canonicalize,cse))" | FileCheck %s --check-prefixes=CHECK,FORALL
// RUN: dale-opt %s --pass-pipeline="builtin.module(func.func(dale-tile-and-vectorize{vector-bits=128 num-registers=16},canonicalize,cse))" | FileCheck %s --check-prefixes=CHECK,FOR

#pixels = affine_map<(n, h, w, c, k) -> (n, h, w, k)>
#weights = affine_map<(n, h, w, c, k) -> (k, c)>
#sums = affine_map<(n, h, w, c, k) -> (n, h, w, c)>
#id = affine_map<(n, h, w, c) -> (n, h, w, c)>
#channel = affine_map<(n, h, w, c) -> (c)>

// CHECK-LABEL:  func.func @epilogue(
// CHECK-SAME:   %[[X:[a-z0-9]+]]: tensor<1x4x8x16xf32>, %[[W:[a-z0-9]+]]: tensor<16x8xf32>, %[[BIAS:[a-z0-9]+]]: tensor<8xf32>, %[[OUT:[a-z0-9]+]]: tensor<1x4x8x8xf32>
// FORALL:       scf.forall (%[[H:.*]], %[[J:.*]]) = (0, 0) to (4, 8) step (1, 4)
// FOR:          scf.for %[[H:.*]] = %c0 to %c4
// FOR:            scf.for %[[I:.*]] = %c0 to %c8 step %c4
// CHECK:          %[[SUMS:.*]] = scf.for %[[K:.*]] = %c0 to %c16
// FORALL:           vector.transfer_read %[[X]][%c0, %[[H]], %c0, %[[K]]]
// FORALL:           vector.transfer_read %[[W]][%[[K]], %[[J]]]
// FOR:              vector.transfer_read %[[X]][%c0, %[[H]], %[[I]], %[[K]]]
// FOR:              vector.transfer_read %[[W]][%[[K]], %c0]
// CHECK:            vector.contract {{.*}} into [[TILE:vector<(8x4|4x8)xf32>]]
// CHECK:            scf.yield
// CHECK:          %[[SUM:.*]] = arith.addf %[[SUMS]], %{{.*}} : [[TILE]]
// CHECK:          vector.transfer_write %[[SUM]], {{.*}} : [[TILE]], tensor<1x
func.func @epilogue(%x: tensor<1x4x8x16xf32>, %w: tensor<16x8xf32>, %bias: tensor<8xf32>, %out: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x4x8x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %product = linalg.generic {indexing_maps = [#pixels, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<1x4x8x16xf32>, tensor<16x8xf32>) outs(%start : tensor<1x4x8x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<1x4x8x8xf32>
  %y = linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%product, %bias : tensor<1x4x8x8xf32>, tensor<8xf32>) outs(%out : tensor<1x4x8x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<1x4x8x8xf32>
  return %y : tensor<1x4x8x8xf32>
}

// A product is added to another in registers. What both sums start from is a
// constant in each tile.
// CHECK-LABEL:  func.func @sums(
// CHECK:        %[[ZEROS:.*]] = arith.constant dense<0.000000e+00> : [[TILE:vector<(8x4|4x8)xf32>]]
// CHECK-NOT:    linalg.fill
// FORALL:       scf.forall
// FOR:          scf.for
// CHECK:        %[[FIRST:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[ZEROS]])
// CHECK:        %[[SECOND:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[FIRST]])
// CHECK:        %[[THIRD:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[ZEROS]])
// CHECK:        arith.mulf %[[SECOND]], %[[THIRD]] : [[TILE]]
func.func @sums(%x: tensor<1x4x8x16xf32>, %w: tensor<16x8xf32>, %v: tensor<16x8xf32>, %out: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x4x8x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %first = linalg.generic {indexing_maps = [#pixels, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<1x4x8x16xf32>, tensor<16x8xf32>) outs(%start : tensor<1x4x8x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %4 = arith.mulf %a, %b : f32
    %5 = arith.addf %c, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<1x4x8x8xf32>
  %second = linalg.generic {indexing_maps = [#pixels, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<1x4x8x16xf32>, tensor<16x8xf32>) outs(%first : tensor<1x4x8x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %4 = arith.mulf %a, %b : f32
    %5 = arith.addf %c, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<1x4x8x8xf32>
  %third = linalg.generic {indexing_maps = [#pixels, #weights, #sums], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %v : tensor<1x4x8x16xf32>, tensor<16x8xf32>) outs(%start : tensor<1x4x8x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %4 = arith.mulf %a, %b : f32
    %5 = arith.addf %c, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<1x4x8x8xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%second, %third : tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) outs(%out : tensor<1x4x8x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %4 = arith.mulf %a, %b : f32
    linalg.yield %4 : f32
  } -> tensor<1x4x8x8xf32>
  return %y : tensor<1x4x8x8xf32>
}
