// A map that is read with a margin has none in memory, where its readers can look.
// RUN: dale-opt %s --dale-drop-margins --canonicalize | FileCheck %s
// RUN: dale-opt %s --dale-drop-margins=copied-reads=0 --canonicalize | FileCheck %s --check-prefix=COPY

#id = affine_map<(h, w, c) -> (h, w, c)>

// The inside is all that is written, and what reads a window of more than it reads
// a map that is padded nowhere in memory. The window in the middle is the inside.
// CHECK-LABEL: func.func @computed(
// CHECK-NEXT:   %[[MAP:.*]] = memref.alloc() : memref<4x4x8xf32>
// CHECK-NEXT:   %[[PADDED:.*]] = dale.padded %[[MAP]] low [1, 1, 0] high [1, 1, 0] with 0.000000e+00 : f32 : memref<4x4x8xf32> to memref<6x6x8xf32>
// CHECK-NOT:    linalg.fill
// CHECK:        linalg.exp {{.*}} outs(%[[MAP]] :
// CHECK:        %[[WINDOW:.*]] = memref.subview %[[PADDED]][0, 1, 0] [4, 4, 8] [1, 1, 1]
// CHECK:        linalg.generic {{.*}} ins(%[[WINDOW]], %[[MAP]] :
func.func @computed(%x: memref<4x4x8xf32>, %y: memref<4x4x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %c0 to %c1 step %c1 {
      %p = memref.alloc() : memref<6x6x8xf32>
      linalg.fill ins(%zero : f32) outs(%p : memref<6x6x8xf32>)
      %inside = memref.subview %p[1, 1, 0] [4, 4, 8] [1, 1, 1]
          : memref<6x6x8xf32> to memref<4x4x8xf32, strided<[48, 8, 1], offset: 56>>
      linalg.exp ins(%x : memref<4x4x8xf32>)
          outs(%inside : memref<4x4x8xf32, strided<[48, 8, 1], offset: 56>>)
      %above = memref.subview %p[0, 1, 0] [4, 4, 8] [1, 1, 1]
          : memref<6x6x8xf32> to memref<4x4x8xf32, strided<[48, 8, 1], offset: 8>>
      linalg.generic {indexing_maps = [#id, #id, #id],
                      iterator_types = ["parallel", "parallel", "parallel"]}
          ins(%above, %inside : memref<4x4x8xf32, strided<[48, 8, 1], offset: 8>>,
                                memref<4x4x8xf32, strided<[48, 8, 1], offset: 56>>)
          outs(%y : memref<4x4x8xf32>) {
      ^bb0(%a: f32, %b: f32, %out: f32):
        %sum = arith.addf %a, %b : f32
        linalg.yield %sum : f32
      }
    }
    scf.reduce
  }
  return
}

// A copy of what another stage has stored is read there, unless too many ops read
// it.
// CHECK-LABEL: func.func @copied(
// CHECK-SAME: %[[X:[a-z0-9]*]]: memref<4x4x8xf32>
// CHECK:        %[[PADDED:.*]] = dale.padded %[[X]] low
// CHECK-NEXT:   %[[WINDOW:.*]] = memref.subview %[[PADDED]]
// CHECK-NEXT:   linalg.generic {{.*}} ins(%[[WINDOW]] :
// COPY-LABEL: func.func @copied(
// COPY:        %[[MAP:.*]] = memref.alloc() : memref<4x4x8xf32>
// COPY-NEXT:   %[[PADDED:.*]] = dale.padded %[[MAP]]
// COPY-NEXT:   memref.copy %{{.*}}, %[[MAP]]
func.func @copied(%x: memref<4x4x8xf32>, %y: memref<4x4x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %c0 to %c1 step %c1 {
      %p = memref.alloc() : memref<6x6x8xf32>
      linalg.fill ins(%zero : f32) outs(%p : memref<6x6x8xf32>)
      %inside = memref.subview %p[1, 1, 0] [4, 4, 8] [1, 1, 1]
          : memref<6x6x8xf32> to memref<4x4x8xf32, strided<[48, 8, 1], offset: 56>>
      memref.copy %x, %inside
          : memref<4x4x8xf32> to memref<4x4x8xf32, strided<[48, 8, 1], offset: 56>>
      %above = memref.subview %p[0, 1, 0] [4, 4, 8] [1, 1, 1]
          : memref<6x6x8xf32> to memref<4x4x8xf32, strided<[48, 8, 1], offset: 8>>
      linalg.generic {indexing_maps = [#id, #id],
                      iterator_types = ["parallel", "parallel", "parallel"]}
          ins(%above : memref<4x4x8xf32, strided<[48, 8, 1], offset: 8>>)
          outs(%y : memref<4x4x8xf32>) {
      ^bb0(%a: f32, %out: f32):
        %sum = arith.addf %a, %a : f32
        linalg.yield %sum : f32
      }
    }
    scf.reduce
  }
  return
}

// A product reads tiles that reach into the margin: it stays in memory.
// CHECK-LABEL: func.func @product(
// CHECK:        %[[MAP:.*]] = memref.alloc() : memref<6x8xf32>
// CHECK:        linalg.fill {{.*}} outs(%[[MAP]] :
func.func @product(%x: memref<4x8xf32>, %k: memref<8x8xf32>, %y: memref<4x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %c0 to %c1 step %c1 {
      %p = memref.alloc() : memref<6x8xf32>
      linalg.fill ins(%zero : f32) outs(%p : memref<6x8xf32>)
      %inside = memref.subview %p[1, 0] [4, 8] [1, 1]
          : memref<6x8xf32> to memref<4x8xf32, strided<[8, 1], offset: 8>>
      memref.copy %x, %inside
          : memref<4x8xf32> to memref<4x8xf32, strided<[8, 1], offset: 8>>
      %above = memref.subview %p[0, 0] [4, 8] [1, 1]
          : memref<6x8xf32> to memref<4x8xf32, strided<[8, 1]>>
      linalg.matmul
          ins(%above, %k : memref<4x8xf32, strided<[8, 1]>>, memref<8x8xf32>)
          outs(%y : memref<4x8xf32>)
    }
    scf.reduce
  }
  return
}
