// What is large and done once is shared out among threads, in parts of whole lines;
// what remains is done behind.
// RUN: dale-opt %s --dale-share-out="parts=4 elements=64" --canonicalize | FileCheck %s

// CHECK-LABEL: func.func @update(
// CHECK-SAME: %[[P:[a-z0-9]+]]: memref<70xf32>, %[[G:[a-z0-9]+]]: memref<70xf32>)
// CHECK:      scf.parallel (%[[PART:.*]]) = (%c0) to (%c4) step (%c1) {
// CHECK:        %[[BEGIN:.*]] = arith.muli %[[PART]], %c16
// CHECK:        %[[P_PART:.*]] = memref.subview %[[P]][%[[BEGIN]]] [16] [1]
// CHECK:        %[[G_PART:.*]] = memref.subview %[[G]][%[[BEGIN]]] [16] [1]
// CHECK:        linalg.generic {{.*}} ins(%[[P_PART]], %[[G_PART]]
// CHECK:          arith.subf
// CHECK:      %[[REST:.*]] = memref.subview %[[P]][64] [6] [1]
// CHECK:      linalg.generic {{.*}} ins(%[[REST]], %{{.*}} outs(%{{.*}} : memref<6xf32
#id = affine_map<(d0) -> (d0)>
func.func @update(%p: memref<70xf32>, %g: memref<70xf32>) {
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%p, %g : memref<70xf32>, memref<70xf32>) outs(%p : memref<70xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %0 = arith.subf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// Rows of a matrix, and copies.
// CHECK-LABEL: func.func @rows(
// CHECK:      scf.parallel
// CHECK:        linalg.copy ins(%{{.*}} : memref<2x10xf32, {{.*}}>) outs(%{{.*}} : memref<2x10xf32,
func.func @rows(%a: memref<8x10xf32>, %b: memref<8x10xf32>) {
  memref.copy %a, %b : memref<8x10xf32> to memref<8x10xf32>
  return
}

// Not what is small, a sum, or within a loop over images.
// CHECK-LABEL: func.func @others(
// CHECK-NOT:  scf.parallel
// CHECK:      scf.for
// CHECK-NOT:  scf.parallel
func.func @others(%a: memref<8x4xf32>, %b: memref<8x4xf32>, %c: memref<80x4xf32>, %d: memref<80x4xf32>,
                  %x: memref<8x10xf32>, %y: memref<10x8xf32>, %z: memref<8x8xf32>) {
  memref.copy %a, %b : memref<8x4xf32> to memref<8x4xf32>
  linalg.matmul ins(%x, %y : memref<8x10xf32>, memref<10x8xf32>) outs(%z : memref<8x8xf32>)
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  scf.for %image = %c0 to %c2 step %c1 {
    memref.copy %c, %d : memref<80x4xf32> to memref<80x4xf32>
  }
  return
}
