// Vectors become what the target's registers hold.
// RUN: dale-opt %s --dale-lower-vectors --canonicalize --cse | FileCheck %s

// A contraction is an outer product: one fused multiply-add for each row of
// accumulators.
// CHECK-LABEL: func.func @product(
// CHECK-SAME: %[[A:[a-z0-9]+]]: vector<2x1xf32>, %[[B:[a-z0-9]+]]: vector<1x16xf32>, %[[C:[a-z0-9]+]]: vector<2x16xf32>
// CHECK-DAG:  %[[ROW:.*]] = vector.extract %[[B]][0] : vector<16xf32>
// CHECK-DAG:  %[[A0:.*]] = vector.extract %[[A]][0, 0] : f32
// CHECK-DAG:  %[[A0S:.*]] = vector.broadcast %[[A0]] : f32 to vector<16xf32>
// CHECK-DAG:  %[[C0:.*]] = vector.extract %[[C]][0]
// CHECK-DAG:  vector.fma %[[A0S]], %[[ROW]], %[[C0]] : vector<16xf32>
// CHECK-DAG:  %[[A1:.*]] = vector.extract %[[A]][1, 0] : f32
// CHECK-DAG:  %[[A1S:.*]] = vector.broadcast %[[A1]] : f32 to vector<16xf32>
// CHECK-DAG:  %[[C1:.*]] = vector.extract %[[C]][1]
// CHECK-DAG:  vector.fma %[[A1S]], %[[ROW]], %[[C1]] : vector<16xf32>
// CHECK-NOT:  vector.contract
// CHECK:      return
func.func @product(%a: vector<2x1xf32>, %b: vector<1x16xf32>, %c: vector<2x16xf32>)
    -> vector<2x16xf32> {
  %0 = vector.contract {indexing_maps = [affine_map<(i, j, k) -> (i, k)>,
                                         affine_map<(i, j, k) -> (k, j)>,
                                         affine_map<(i, j, k) -> (i, j)>],
                        iterator_types = ["parallel", "parallel", "reduction"],
                        kind = #vector.kind<add>}
      %a, %b, %c : vector<2x1xf32>, vector<1x16xf32> into vector<2x16xf32>
  return %0 : vector<2x16xf32>
}

// Rows are loaded and stored one by one.
// CHECK-LABEL: func.func @rows(
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<8x16xf32>, %[[Y:[a-z0-9]+]]: memref<8x16xf32>)
// CHECK-DAG:  vector.load %[[X]][%c0, %c0] : memref<8x16xf32>, vector<16xf32>
// CHECK-DAG:  vector.load %[[X]][%c1, %c0] : memref<8x16xf32>, vector<16xf32>
// CHECK-NOT:  vector.transfer
// CHECK-DAG:  vector.store %{{.*}}, %[[Y]][%c0, %c0] : memref<8x16xf32>, vector<16xf32>
// CHECK-DAG:  vector.store %{{.*}}, %[[Y]][%c1, %c0] : memref<8x16xf32>, vector<16xf32>
func.func @rows(%x: memref<8x16xf32>, %y: memref<8x16xf32>) {
  %c0 = arith.constant 0 : index
  %none = ub.poison : f32
  %0 = vector.transfer_read %x[%c0, %c0], %none {in_bounds = [true, true]}
      : memref<8x16xf32>, vector<2x16xf32>
  %1 = math.absf %0 : vector<2x16xf32>
  vector.transfer_write %1, %y[%c0, %c0] {in_bounds = [true, true]}
      : vector<2x16xf32>, memref<8x16xf32>
  return
}

// Sums and products may be rounded once, a quotient is what it is.
// CHECK-LABEL: func.func @contraction(
// CHECK-NEXT: arith.mulf {{.*}} fastmath<contract>
// CHECK-NEXT: arith.addf {{.*}} fastmath<contract>
// CHECK-NEXT: arith.subf {{.*}} fastmath<contract>
// CHECK-NEXT: arith.divf %{{.*}}, %{{.*}} : vector<16xf32>
func.func @contraction(%a: vector<16xf32>, %b: vector<16xf32>) -> vector<16xf32> {
  %0 = arith.mulf %a, %b : vector<16xf32>
  %1 = arith.addf %0, %b : vector<16xf32>
  %2 = arith.subf %1, %a : vector<16xf32>
  %3 = arith.divf %2, %b : vector<16xf32>
  return %3 : vector<16xf32>
}

// Exponentials, their like, and logarithms are polynomials; a root is an
// instruction.
// CHECK-LABEL: func.func @functions(
// CHECK-NOT:  math.{{exp|tanh|log}}
// CHECK:      math.fma {{.*}} : vector<16xf32>
// CHECK-NOT:  math.{{exp|tanh|log}}
// CHECK:      math.sqrt
// CHECK-NOT:  math.{{exp|tanh|log}}
// CHECK:      return
func.func @functions(%x: vector<16xf32>) -> vector<16xf32> {
  %0 = math.exp %x : vector<16xf32>
  %1 = math.tanh %0 : vector<16xf32>
  %2 = math.log %1 : vector<16xf32>
  %3 = math.sqrt %2 : vector<16xf32>
  return %3 : vector<16xf32>
}
