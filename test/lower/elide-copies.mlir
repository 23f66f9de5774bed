// An allocation that holds what is taken from one place and brought back there
// is not needed, unless something else goes on in that place.
// RUN: dale-opt %s --dale-elide-copies --canonicalize | FileCheck %s

// Two rows of one buffer: neither meets the other.
// CHECK-LABEL: func.func @rows(
// CHECK-SAME: %[[X:.*]]: memref<8xf32>, %[[SUMS:.*]]: memref<4x2x8xf32>, %[[CHUNK:.*]]: index)
// CHECK:      %[[MINE:.*]] = memref.subview %[[SUMS]][%[[CHUNK]], 0, 0]
// CHECK:      %[[FIRST:.*]] = memref.subview %[[MINE]][0, 0]
// CHECK-NEXT: %[[SECOND:.*]] = memref.subview %[[MINE]][1, 0]
// CHECK-NEXT: linalg.add ins(%[[X]], %[[X]] : {{.*}}) outs(%[[FIRST]] :
// CHECK-NEXT: linalg.add ins(%[[X]], %[[X]] : {{.*}}) outs(%[[SECOND]] :
// CHECK-NEXT: return
!sums = memref<4x2x8xf32>
!mine = memref<2x8xf32, strided<[8, 1], offset: ?>>
!row = memref<8xf32, strided<[1], offset: ?>>
func.func @rows(%x: memref<8xf32>, %sums: !sums, %chunk: index) {
  %mine = memref.subview %sums[%chunk, 0, 0] [1, 2, 8] [1, 1, 1] : !sums to !mine
  %first = memref.subview %mine[0, 0] [1, 8] [1, 1] : !mine to !row
  %second = memref.subview %mine[1, 0] [1, 8] [1, 1] : !mine to !row
  %a = memref.alloc() : memref<8xf32>
  memref.copy %second, %a : !row to memref<8xf32>
  linalg.add ins(%x, %x : memref<8xf32>, memref<8xf32>) outs(%first : !row)
  linalg.add ins(%x, %x : memref<8xf32>, memref<8xf32>) outs(%a : memref<8xf32>)
  %again = memref.subview %mine[1, 0] [1, 8] [1, 1] : !mine to !row
  memref.copy %a, %again : memref<8xf32> to !row
  return
}

// The row is read meanwhile: what was there must still be.
// CHECK-LABEL: func.func @read_meanwhile(
// CHECK:      memref.copy
// CHECK:      memref.copy
func.func @read_meanwhile(%x: memref<8xf32>, %y: memref<8xf32>, %row: memref<8xf32>) {
  %a = memref.alloc() : memref<8xf32>
  memref.copy %row, %a : memref<8xf32> to memref<8xf32>
  linalg.add ins(%x, %x : memref<8xf32>, memref<8xf32>) outs(%a : memref<8xf32>)
  linalg.add ins(%row, %x : memref<8xf32>, memref<8xf32>) outs(%y : memref<8xf32>)
  memref.copy %a, %row : memref<8xf32> to memref<8xf32>
  return
}

// Rows at places that are not known may be the same.
// CHECK-LABEL: func.func @unknown(
// CHECK-COUNT-2: memref.copy
func.func @unknown(%x: memref<8xf32>, %sums: memref<4x8xf32>, %i: index, %j: index) {
  %first = memref.subview %sums[%i, 0] [1, 8] [1, 1] : memref<4x8xf32> to !row
  %second = memref.subview %sums[%j, 0] [1, 8] [1, 1] : memref<4x8xf32> to !row
  %a = memref.alloc() : memref<8xf32>
  memref.copy %second, %a : !row to memref<8xf32>
  linalg.add ins(%x, %x : memref<8xf32>, memref<8xf32>) outs(%first : !row)
  linalg.add ins(%x, %x : memref<8xf32>, memref<8xf32>) outs(%a : memref<8xf32>)
  memref.copy %a, %second : memref<8xf32> to !row
  return
}

// What is copied elsewhere, or used afterwards, is needed.
// CHECK-LABEL: func.func @used_later(
// CHECK-COUNT-2: memref.copy
func.func @used_later(%x: memref<8xf32>, %y: memref<8xf32>, %row: memref<8xf32>) {
  %a = memref.alloc() : memref<8xf32>
  memref.copy %row, %a : memref<8xf32> to memref<8xf32>
  linalg.add ins(%x, %x : memref<8xf32>, memref<8xf32>) outs(%a : memref<8xf32>)
  memref.copy %a, %row : memref<8xf32> to memref<8xf32>
  linalg.add ins(%a, %x : memref<8xf32>, memref<8xf32>) outs(%y : memref<8xf32>)
  return
}
