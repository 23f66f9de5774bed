// Large sums over chunks are shared out: a second parallel loop, over parts of what
// is summed. Each element is summed in the order of the chunks all the same. Chunks
// that have no images, in a small batch, are neither filled with zeros nor summed.
// RUN: dale-opt %s --dale-lower-stages="chunks=8 sum-parts=4" --canonicalize --cse | FileCheck %s
// RUN: dale-opt %s --dale-lower-stages=chunks=8 --canonicalize --cse | FileCheck %s --check-prefix=ALONE

// CHECK-LABEL: func.func private @sums(
// CHECK-SAME:    %{{.*}}, %[[LARGE:.*]]: memref<32x32xf32>, %[[SMALL:.*]]: memref<32xf32>, %[[LARGEPARTS:.*]]: memref<8x32x32xf32>, %[[SMALLPARTS:.*]]: memref<8x32xf32>
// CHECK:       %[[IMAGES:.*]] = memref.dim
// CHECK:       scf.parallel (%{{.*}}) = (%{{.*}}) to (%{{.*}}8)
// CHECK:         %[[SOME:.*]] = arith.cmpi ult
// CHECK:         %[[LARGESUM:.*]] = memref.subview %[[LARGEPARTS]]
// CHECK-NEXT:    scf.if %[[SOME]] {
// CHECK-NEXT:      linalg.fill {{.*}} outs(%[[LARGESUM]]
// CHECK:         %[[SMALLSUM:.*]] = memref.subview %[[SMALLPARTS]]
// CHECK-NEXT:    %[[START:.*]] = bufferization.to_tensor %[[SMALLSUM]]
// CHECK-NEXT:    linalg.fill {{.*}} outs(%[[START]]
// CHECK-DAG:   %[[ROWS:.*]] = memref.collapse_shape %[[LARGEPARTS]] {{\[\[0\], \[1, 2\]\]}} : memref<8x32x32xf32> into memref<8x1024xf32>
// CHECK-DAG:   %[[ELEMENTS:.*]] = memref.collapse_shape %[[LARGE]] {{\[\[0, 1\]\]}} : memref<32x32xf32> into memref<1024xf32>
// CHECK-DAG:   %[[CHUNKS:.*]] = bufferization.to_tensor %[[SMALLPARTS]]
// CHECK:       linalg.generic {{.*}} ins(%[[CHUNKS]] : tensor<8x32xf32>)
// CHECK:       scf.parallel (%[[PART:.*]]) = (%{{.*}}) to (%{{.*}}4)
// CHECK-NEXT:    %[[FIRST:.*]] = arith.muli %[[PART]], %{{.*}}256
// CHECK-DAG:     %[[COLUMNS:.*]] = memref.subview %[[ROWS]][0, %[[FIRST]]] [8, 256] [1, 1]
// CHECK-DAG:     memref.subview %[[ELEMENTS]][%[[FIRST]]] [256] [1]
// CHECK:         scf.for %[[CHUNK:.*]] = %{{.*}} to %{{.*}}8 step %{{.*}} iter_args(%[[SUM:.*]] = %{{.*}})
// CHECK:           arith.muli %{{.*}}, %[[IMAGES]]
// CHECK:           %[[SOME:.*]] = arith.cmpi ult
// CHECK:           scf.if %[[SOME]]
// CHECK:             memref.subview %[[COLUMNS]][%[[CHUNK]], 0] [1, 256] [1, 1]
// CHECK:             linalg.generic {{.*}}iterator_types = ["parallel"]{{.*}} outs(%[[SUM]] : tensor<256xf32>)
// CHECK:           } else {
// CHECK-NEXT:        scf.yield %[[SUM]]

// ALONE-LABEL: func.func private @sums(
// ALONE-COUNT-1: scf.parallel
// ALONE-NOT:   scf.parallel
func.func private @sums(%x: tensor<?x4x32xf32>) -> (tensor<32x32xf32>, tensor<32xf32>) {
  %0:2 = dale.stage ins(%x : tensor<?x4x32xf32>) {
  ^bb0(%x1: tensor<1x4x32xf32>):
    %m = tensor.collapse_shape %x1 [[0, 1], [2]] : tensor<1x4x32xf32> into tensor<4x32xf32>
    %g = dale.pointwise_filter_grad %m, %m : tensor<4x32xf32>, tensor<4x32xf32> -> tensor<32x32xf32>
    %s = dale.reduce %m over [0] : tensor<4x32xf32> -> tensor<32xf32>
    dale.yield %g, %s : tensor<32x32xf32>, tensor<32xf32>
  } -> tensor<32x32xf32>, tensor<32xf32>
  return %0#0, %0#1 : tensor<32x32xf32>, tensor<32xf32>
}

// A sum that the caches cannot keep until it is needed is zero where the first image
// adds to it.

// CHECK-LABEL: func.func private @very_large(
// CHECK:       scf.parallel
// CHECK-NOT:     linalg.fill
// CHECK:         scf.for %[[IMAGE:.*]] = %[[BEGIN:.*]] to %{{.*}} step %{{.*}} iter_args(%[[SUM:.*]] = %{{.*}}) -> (tensor<128x128xf32>)
// CHECK:           %[[ISFIRST:.*]] = arith.cmpi eq, %[[IMAGE]], %[[BEGIN]] : index
// CHECK:           %[[START:.*]] = scf.if %[[ISFIRST]] -> (tensor<128x128xf32>) {
// CHECK-NEXT:        %[[ZERO:.*]] = linalg.fill {{.*}} outs(%[[SUM]] :
// CHECK-NEXT:        scf.yield %[[ZERO]]
// CHECK-NEXT:      } else {
// CHECK-NEXT:        scf.yield %[[SUM]]
// CHECK-NEXT:      }
// CHECK-NEXT:      dale.pointwise_filter_grad {{.*}} acc %[[START]]

// ALONE-LABEL: func.func private @very_large(
// ALONE:       scf.parallel
// ALONE:         linalg.fill
// ALONE:         scf.for
// ALONE-NOT:       scf.if
func.func private @very_large(%x: tensor<?x4x128xf32>) -> tensor<128x128xf32> {
  %0 = dale.stage ins(%x : tensor<?x4x128xf32>) {
  ^bb0(%x1: tensor<1x4x128xf32>):
    %m = tensor.collapse_shape %x1 [[0, 1], [2]] : tensor<1x4x128xf32> into tensor<4x128xf32>
    %g = dale.pointwise_filter_grad %m, %m : tensor<4x128xf32>, tensor<4x128xf32> -> tensor<128x128xf32>
    dale.yield %g : tensor<128x128xf32>
  } -> tensor<128x128xf32>
  return %0 : tensor<128x128xf32>
}

// Where sums have more elements than half of the maps, as they have here, chunks
// are filled with two images each, as far as there are so many: as many chunks as
// there are pairs have some, and the others none.

// CHECK-LABEL: func.func private @pairs(
// CHECK:       %[[IMAGES:.*]] = memref.dim
// CHECK-NEXT:  %[[ONEMORE:.*]] = arith.addi %[[IMAGES]], %{{.*}}1
// CHECK-NEXT:  %[[PAIRS:.*]] = arith.divui %[[ONEMORE]], %{{.*}}2
// CHECK-NEXT:  %[[FILLED:.*]] = arith.minui %[[PAIRS]], %{{.*}}8
// CHECK-NEXT:  scf.parallel (%[[CHUNK:.*]]) = (%{{.*}}) to (%{{.*}}8)
// CHECK-NEXT:    %[[NUMBER:.*]] = arith.minui %[[CHUNK]], %[[FILLED]]
// CHECK-NEXT:    %[[PRODUCT:.*]] = arith.muli %[[NUMBER]], %[[IMAGES]]
// CHECK-NEXT:    %[[BEGIN:.*]] = arith.divui %[[PRODUCT]], %[[FILLED]]
// CHECK:         scf.for %{{.*}} = %[[BEGIN]] to

// On a GPU each has as few as possible: it has a block for each.
// ALONE-LABEL: func.func private @pairs(
// ALONE:       %[[IMAGES:.*]] = memref.dim
// ALONE-NEXT:  scf.parallel (%[[CHUNK:.*]]) = (%{{.*}}) to (%{{.*}}8)
// ALONE-NEXT:    %[[PRODUCT:.*]] = arith.muli %[[CHUNK]], %[[IMAGES]]
// ALONE-NEXT:    arith.divui %[[PRODUCT]], %{{.*}}8
func.func private @pairs(%x: tensor<?x4x32xf32>) -> tensor<32x32xf32> {
  %0 = dale.stage ins(%x : tensor<?x4x32xf32>) {
  ^bb0(%x1: tensor<1x4x32xf32>):
    %m = tensor.collapse_shape %x1 [[0, 1], [2]] : tensor<1x4x32xf32> into tensor<4x32xf32>
    %g = dale.pointwise_filter_grad %m, %m : tensor<4x32xf32>, tensor<4x32xf32> -> tensor<32x32xf32>
    dale.yield %g : tensor<32x32xf32>
  } -> tensor<32x32xf32>
  return %0 : tensor<32x32xf32>
}
