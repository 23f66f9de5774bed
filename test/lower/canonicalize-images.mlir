// Bodies of loops over images are canonicalized each on its own. What is around
// them, and other loops, are upstream's to look at.
// RUN: dale-opt %s --dale-canonicalize-images | FileCheck %s

// CHECK-LABEL: func.func @images(
// CHECK-SAME:    %[[X:.*]]: tensor<2xf32>, %[[Y:.*]]: memref<8x2xf32>
func.func @images(%x: tensor<2xf32>, %y: memref<8x2xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  // CHECK: %[[AROUND:.*]] = tensor.cast %[[X]]
  // CHECK-NEXT: %[[BACK:.*]] = tensor.cast %[[AROUND]]
  %around = tensor.cast %x : tensor<2xf32> to tensor<?xf32>
  %back = tensor.cast %around : tensor<?xf32> to tensor<2xf32>
  // CHECK: scf.parallel
  scf.parallel (%chunk) = (%c0) to (%c8) step (%c4) {
    %end = arith.addi %chunk, %c4 : index
    // CHECK: scf.for %[[IMAGE:[a-z0-9]+]] =
    // CHECK-NEXT: %[[ROW:.*]] = memref.subview %[[Y]][%[[IMAGE]], 0]
    // CHECK-NEXT: bufferization.materialize_in_destination %[[BACK]] in writable %[[ROW]]
    // CHECK-NEXT: }
    scf.for %image = %chunk to %end step %c1 {
      %1 = tensor.cast %back : tensor<2xf32> to tensor<?xf32>
      %2 = tensor.cast %1 : tensor<?xf32> to tensor<2xf32>
      %unused = arith.addi %image, %c8 : index
      %row = memref.subview %y[%image, 0] [1, 2] [1, 1]
          : memref<8x2xf32> to memref<2xf32, strided<[1], offset: ?>>
      bufferization.materialize_in_destination %2 in writable %row
          : (tensor<2xf32>, memref<2xf32, strided<[1], offset: ?>>) -> ()
    }
    scf.reduce
  }
  // CHECK: scf.for
  // CHECK: arith.addi
  scf.for %i = %c0 to %c8 step %c1 {
    %unused = arith.addi %i, %c8 : index
  }
  return
}
