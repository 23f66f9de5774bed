// bf16 on a processor with instructions for it, and on one without.
// RUN: dale-opt %s --dale-lower-bf16 --canonicalize --cse | FileCheck %s
// RUN: dale-opt %s --dale-lower-bf16=instructions=false --canonicalize | FileCheck %s --check-prefix=INTEGERS

// A pair of the left factor for all lanes, and a vector of pairs of the right.
// CHECK-LABEL: func.func @contraction(
// CHECK-SAME: %[[A:.*]]: memref<2x4x2xbf16>, %[[B:.*]]: memref<4x32x2xbf16>
// CHECK-DAG:    %[[PAIR:.*]] = vector.bitcast %{{.*}} : vector<2xbf16> to vector<1xi32>
// CHECK-DAG:    vector.transfer_read %{{.*}} : memref<4x64xbf16>, vector<32xbf16>
// CHECK:        vector.broadcast %[[PAIR]] : vector<1xi32> to vector<16xi32>
// CHECK-COUNT-4: x86vector.avx512.dot {{.*}} : vector<32xbf16> -> vector<16xf32>
// CHECK-NOT:    vector.contract
#a = affine_map<(i, j, k, p) -> (i, k, p)>
#b = affine_map<(i, j, k, p) -> (k, j, p)>
#c = affine_map<(i, j, k, p) -> (i, j)>
func.func @contraction(%a: memref<2x4x2xbf16>, %b: memref<4x32x2xbf16>, %c: vector<2x32xf32>, %k: index)
    -> vector<2x32xf32> {
  %zero = arith.constant 0 : index
  %nothing = arith.constant 0.0 : bf16
  %0 = vector.transfer_read %a[%zero, %k, %zero], %nothing {in_bounds = [true, true, true]}
      : memref<2x4x2xbf16>, vector<2x1x2xbf16>
  %1 = vector.transfer_read %b[%k, %zero, %zero], %nothing {in_bounds = [true, true, true]}
      : memref<4x32x2xbf16>, vector<1x32x2xbf16>
  %2 = vector.contract {indexing_maps = [#a, #b, #c],
                        iterator_types = ["parallel", "parallel", "reduction", "reduction"],
                        kind = #vector.kind<add>} %0, %1, %c
      : vector<2x1x2xbf16>, vector<1x32x2xbf16> into vector<2x32xf32>
  return %2 : vector<2x32xf32>
}

// A left factor that comes with its terms first is read row by row.
// CHECK-LABEL: func.func @terms_first(
// CHECK-COUNT-2: vector.transfer_read %{{.*}} : memref<4x2x2xbf16>, vector<1x1x2xbf16>
// CHECK-COUNT-2: x86vector.avx512.dot
#d = affine_map<(i, j, k, p) -> (k, i, p)>
func.func @terms_first(%a: memref<4x2x2xbf16>, %b: memref<4x16x2xbf16>, %c: vector<2x16xf32>, %k: index)
    -> vector<2x16xf32> {
  %zero = arith.constant 0 : index
  %nothing = arith.constant 0.0 : bf16
  %0 = vector.transfer_read %a[%k, %zero, %zero], %nothing {in_bounds = [true, true, true]}
      : memref<4x2x2xbf16>, vector<1x2x2xbf16>
  %1 = vector.transfer_read %b[%k, %zero, %zero], %nothing {in_bounds = [true, true, true]}
      : memref<4x16x2xbf16>, vector<1x16x2xbf16>
  %2 = vector.contract {indexing_maps = [#d, #b, #c],
                        iterator_types = ["parallel", "parallel", "reduction", "reduction"],
                        kind = #vector.kind<add>} %0, %1, %c
      : vector<1x2x2xbf16>, vector<1x16x2xbf16> into vector<2x16xf32>
  return %2 : vector<2x16xf32>
}

// Two rows are brought together as integers.
// CHECK-LABEL: func.func @pack(
// CHECK:        arith.truncf %{{.*}} : vector<1x2x16xf32> to vector<1x2x16xbf16>
// CHECK:        vector.interleave %{{.*}}, %{{.*}} : vector<16xi16> -> vector<32xi16>
// CHECK:        vector.transfer_write %{{.*}} : vector<32xbf16>, memref<4x32xbf16>
// INTEGERS-LABEL: func.func @pack(
// INTEGERS-NOT:   arith.truncf %{{.*}} to vector<{{.*}}bf16>
// INTEGERS:       arith.bitcast %{{.*}} : vector<1x2x16xf32> to vector<1x2x16xi32>
// INTEGERS:       arith.shrui
func.func @pack(%x: vector<1x2x16xf32>, %y: memref<4x16x2xbf16>, %k: index) {
  %zero = arith.constant 0 : index
  %0 = arith.truncf %x : vector<1x2x16xf32> to vector<1x2x16xbf16>
  %1 = vector.transpose %0, [0, 2, 1] : vector<1x2x16xbf16> to vector<1x16x2xbf16>
  vector.transfer_write %1, %y[%k, %zero, %zero] {in_bounds = [true, true, true]}
      : vector<1x16x2xbf16>, memref<4x16x2xbf16>
  return
}

// However many dimensions of one there are before them.
// CHECK-LABEL: func.func @pack_two(
// CHECK:        vector.interleave %{{.*}}, %{{.*}} : vector<16xi16> -> vector<32xi16>
func.func @pack_two(%x: vector<2x16xbf16>) -> vector<16x2xbf16> {
  %0 = vector.transpose %x, [1, 0] : vector<2x16xbf16> to vector<16x2xbf16>
  return %0 : vector<16x2xbf16>
}
