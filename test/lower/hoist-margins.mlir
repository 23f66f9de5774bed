// Margins of padded maps are filled once for all images of a loop.
// RUN: dale-opt %s --split-input-file --dale-hoist-margins | FileCheck %s

#id = affine_map<(d0) -> (d0)>

// Both maps have one number at each end, and the first is not needed any more
// when the second begins: they share a buffer.
// CHECK-LABEL: func.func @images(
// CHECK:      scf.parallel
// CHECK:        %[[HAS:.*]] = arith.cmpi slt, %[[BEGIN:.*]], %[[END:.*]] : index
// CHECK-NEXT:   %[[BUFFER:.*]] = memref.alloc() : memref<6xf32>
// CHECK-NEXT:   scf.if %[[HAS]] {
// CHECK-NEXT:     %[[ZERO:.*]] = arith.constant 0.0
// CHECK-NEXT:     %[[BEFORE:.*]] = memref.subview %[[BUFFER]][0] [1] [1]
// CHECK-NEXT:     linalg.fill ins(%[[ZERO]] : f32) outs(%[[BEFORE]] :
// CHECK-NEXT:     %[[BEHIND:.*]] = memref.subview %[[BUFFER]][5] [1] [1]
// CHECK-NEXT:     linalg.fill ins(%[[ZERO]] : f32) outs(%[[BEHIND]] :
// CHECK-NEXT:   }
// CHECK-NEXT:   scf.for %{{.*}} = %[[BEGIN]] to %[[END]]
// CHECK-NOT:      linalg.fill
// CHECK:          %[[FIRST:.*]] = memref.subview %[[BUFFER]][1] [4] [1]
// CHECK:          memref.copy %{{.*}}, %[[FIRST]]
// CHECK:          memref.copy %[[BUFFER]], %{{.*}}
// CHECK:          %[[SECOND:.*]] = memref.subview %[[BUFFER]][1] [4] [1]
// CHECK:          linalg.generic {{.*}} outs(%[[SECOND]] :
// CHECK:          memref.copy %[[BUFFER]], %{{.*}}
func.func @images(%maps: memref<?x4xf32>, %out: memref<6xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %begin to %end step %c1 {
      %map = memref.subview %maps[%image, 0] [1, 4] [1, 1] : memref<?x4xf32> to memref<4xf32, strided<[1], offset: ?>>
      %a = memref.alloc() : memref<6xf32>
      linalg.fill ins(%zero : f32) outs(%a : memref<6xf32>)
      %a_inside = memref.subview %a[1] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 1>>
      memref.copy %map, %a_inside : memref<4xf32, strided<[1], offset: ?>> to memref<4xf32, strided<[1], offset: 1>>
      memref.copy %a, %out : memref<6xf32> to memref<6xf32>
      %b = memref.alloc() : memref<6xf32>
      linalg.fill ins(%zero : f32) outs(%b : memref<6xf32>)
      %b_inside = memref.subview %b[1] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 1>>
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%map : memref<4xf32, strided<[1], offset: ?>>) outs(%b_inside : memref<4xf32, strided<[1], offset: 1>>) {
      ^bb0(%in: f32, %old: f32):
        %twice = arith.addf %in, %in : f32
        linalg.yield %twice : f32
      }
      memref.copy %b, %out : memref<6xf32> to memref<6xf32>
    }
    scf.reduce
  }
  return
}

// -----

#id = affine_map<(d0) -> (d0)>

// What is needed at the same time, or has other margins, is apart: two maps with a
// margin at each end, one with a margin at its end alone.
// CHECK-LABEL: func.func @apart(
// CHECK:         scf.if
// CHECK-COUNT-5:   linalg.fill
// CHECK:         scf.for
// CHECK-NOT:       linalg.fill
func.func @apart(%map: memref<4xf32>, %out: memref<6xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %begin to %end step %c1 {
      %a = memref.alloc() : memref<6xf32>
      linalg.fill ins(%zero : f32) outs(%a : memref<6xf32>)
      %a_inside = memref.subview %a[1] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 1>>
      memref.copy %map, %a_inside : memref<4xf32> to memref<4xf32, strided<[1], offset: 1>>
      %b = memref.alloc() : memref<6xf32>
      linalg.fill ins(%zero : f32) outs(%b : memref<6xf32>)
      %b_inside = memref.subview %b[1] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 1>>
      memref.copy %map, %b_inside : memref<4xf32> to memref<4xf32, strided<[1], offset: 1>>
      memref.copy %a, %out : memref<6xf32> to memref<6xf32>
      memref.copy %b, %out : memref<6xf32> to memref<6xf32>
      %c = memref.alloc() : memref<6xf32>
      linalg.fill ins(%zero : f32) outs(%c : memref<6xf32>)
      %c_inside = memref.subview %c[0] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1]>>
      memref.copy %map, %c_inside : memref<4xf32> to memref<4xf32, strided<[1]>>
      memref.copy %c, %out : memref<6xf32> to memref<6xf32>
    }
    scf.reduce
  }
  return
}

// -----

// Around a map: the rows above and below, and of the others the pixels left and
// right. What lies within, between every other pixel, is filled with the rest.
// CHECK-LABEL: func.func @around(
// CHECK:         scf.if
// CHECK:           memref.subview %[[MAP:.*]][0, 0, 0] [1, 6, 8] [1, 1, 1]
// CHECK-NEXT:      linalg.fill
// CHECK-NEXT:      memref.subview %[[MAP]][5, 0, 0] [2, 6, 8] [1, 1, 1]
// CHECK-NEXT:      linalg.fill
// CHECK-NEXT:      memref.subview %[[MAP]][1, 0, 0] [4, 1, 8] [1, 1, 1]
// CHECK-NEXT:      linalg.fill
// CHECK-NEXT:      memref.subview %[[MAP]][1, 5, 0] [4, 1, 8] [1, 1, 1]
// CHECK-NEXT:      linalg.fill
// CHECK-NOT:       memref.subview
// CHECK:           linalg.fill {{.*}} outs(%[[SPREAD:.*]] : memref<9x8xf32>)
// CHECK-NEXT:    }
// CHECK:         scf.for
// CHECK-NOT:       linalg.fill
func.func @around(%map: memref<4x4x8xf32>, %row: memref<4x8xf32>, %out: memref<7x6x8xf32>,
                  %spread: memref<9x8xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %begin to %end step %c1 {
      %a = memref.alloc() : memref<7x6x8xf32>
      linalg.fill ins(%zero : f32) outs(%a : memref<7x6x8xf32>)
      %a_inside = memref.subview %a[1, 1, 0] [4, 4, 8] [1, 1, 1] : memref<7x6x8xf32> to memref<4x4x8xf32, strided<[48, 8, 1], offset: 56>>
      memref.copy %map, %a_inside : memref<4x4x8xf32> to memref<4x4x8xf32, strided<[48, 8, 1], offset: 56>>
      memref.copy %a, %out : memref<7x6x8xf32> to memref<7x6x8xf32>
      %b = memref.alloc() : memref<9x8xf32>
      linalg.fill ins(%zero : f32) outs(%b : memref<9x8xf32>)
      %b_inside = memref.subview %b[1, 0] [4, 8] [2, 1] : memref<9x8xf32> to memref<4x8xf32, strided<[16, 1], offset: 8>>
      memref.copy %row, %b_inside : memref<4x8xf32> to memref<4x8xf32, strided<[16, 1], offset: 8>>
      memref.copy %b, %spread : memref<9x8xf32> to memref<9x8xf32>
    }
    scf.reduce
  }
  return
}

// -----

#id = affine_map<(d0) -> (d0)>
#none = affine_map<(d0) -> ()>

// The first adds to what was filled, the second is written in two places, the
// third is a sum: all of these are filled for every image.
// CHECK-LABEL: func.func @other(
// CHECK:         scf.for
// CHECK-COUNT-3:   linalg.fill
func.func @other(%map: memref<4xf32>, %out: memref<6xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %begin to %end step %c1 {
      %a = memref.alloc() : memref<6xf32>
      linalg.fill ins(%zero : f32) outs(%a : memref<6xf32>)
      %a_inside = memref.subview %a[1] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 1>>
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%map : memref<4xf32>) outs(%a_inside : memref<4xf32, strided<[1], offset: 1>>) {
      ^bb0(%in: f32, %old: f32):
        %sum = arith.addf %in, %old : f32
        linalg.yield %sum : f32
      }
      memref.copy %a, %out : memref<6xf32> to memref<6xf32>
      %b = memref.alloc() : memref<6xf32>
      linalg.fill ins(%zero : f32) outs(%b : memref<6xf32>)
      %b_first = memref.subview %b[0] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1]>>
      memref.copy %map, %b_first : memref<4xf32> to memref<4xf32, strided<[1]>>
      %b_second = memref.subview %b[1] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 1>>
      memref.copy %map, %b_second : memref<4xf32> to memref<4xf32, strided<[1], offset: 1>>
      memref.copy %b, %out : memref<6xf32> to memref<6xf32>
      %c = memref.alloc() : memref<f32>
      linalg.fill ins(%zero : f32) outs(%c : memref<f32>)
      linalg.generic {indexing_maps = [#id, #none], iterator_types = ["reduction"]}
          ins(%map : memref<4xf32>) outs(%c : memref<f32>) {
      ^bb0(%in: f32, %old: f32):
        %sum = arith.addf %in, %old : f32
        linalg.yield %sum : f32
      }
    }
    scf.reduce
  }
  return
}
