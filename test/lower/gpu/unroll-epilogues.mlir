// What goes on with a product's tile does so row by row.
// RUN: dale-opt %s --dale-unroll-epilogues | FileCheck %s

#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>

// All that a row needs stands just before it is stored.
// CHECK-LABEL: func.func @epilogue(
// CHECK-SAME:  %[[X:[a-z0-9]+]]: vector<2x4xf32>, %[[W:[a-z0-9]+]]: vector<4x8xf32>, %[[BIAS:[a-z0-9]+]]: tensor<8xf32>, %[[GATE:[a-z0-9]+]]: tensor<2x8xf32>
// CHECK:       scf.forall
// CHECK:         %[[PRODUCT:.*]] = vector.contract
// CHECK:         %[[ROW0:.*]] = vector.extract_strided_slice %[[PRODUCT]] {offsets = [0, 0], sizes = [1, 8]
// CHECK:         vector.transfer_read %[[BIAS]]
// CHECK:         %[[EXP0:.*]] = math.exp %{{.*}} : vector<1x8xf32>
// CHECK:         %[[GATE0:.*]] = vector.transfer_read %[[GATE]][%c0, %c0]
// CHECK:         arith.mulf %[[EXP0]], %[[GATE0]] : vector<1x8xf32>
// CHECK:         vector.transfer_write
// CHECK:         vector.extract_strided_slice %[[PRODUCT]] {offsets = [1, 0], sizes = [1, 8]
// CHECK:         vector.transfer_read %[[GATE]][%c1, %c0]
// CHECK:         vector.transfer_write
func.func @epilogue(%x: vector<2x4xf32>, %w: vector<4x8xf32>, %bias: tensor<8xf32>, %gate: tensor<2x8xf32>, %out: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %zeros = arith.constant dense<0.0> : vector<2x8xf32>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %0 = scf.forall (%i) in (1) shared_outs(%o = %out) -> tensor<2x8xf32> {
    %1 = vector.contract {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"], kind = #vector.kind<add>}
        %x, %w, %zeros : vector<2x4xf32>, vector<4x8xf32> into vector<2x8xf32>
    %2 = vector.transfer_read %gate[%c0, %c0], %zero {in_bounds = [true, true]} : tensor<2x8xf32>, vector<2x8xf32>
    %3 = vector.transfer_read %bias[%c0], %zero {in_bounds = [true]} : tensor<8xf32>, vector<8xf32>
    %4 = vector.broadcast %3 : vector<8xf32> to vector<2x8xf32>
    %5 = arith.addf %1, %4 : vector<2x8xf32>
    %6 = math.exp %5 : vector<2x8xf32>
    %7 = arith.mulf %6, %2 : vector<2x8xf32>
    %8 = vector.transfer_write %7, %o[%c0, %c0] {in_bounds = [true, true]} : vector<2x8xf32>, tensor<2x8xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %8 into %o[0, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<2x8xf32>
    }
  }
  return %0 : tensor<2x8xf32>
}

// Without a product, all stays as it is.
// CHECK-LABEL: func.func @no_product(
// CHECK:       math.exp %{{.*}} : vector<2x8xf32>
func.func @no_product(%x: tensor<2x8xf32>, %out: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %0 = scf.forall (%i) in (1) shared_outs(%o = %out) -> tensor<2x8xf32> {
    %1 = vector.transfer_read %x[%c0, %c0], %zero {in_bounds = [true, true]} : tensor<2x8xf32>, vector<2x8xf32>
    %2 = math.exp %1 : vector<2x8xf32>
    %3 = vector.transfer_write %2, %o[%c0, %c0] {in_bounds = [true, true]} : vector<2x8xf32>, tensor<2x8xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %3 into %o[0, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<2x8xf32>
    }
  }
  return %0 : tensor<2x8xf32>
}
