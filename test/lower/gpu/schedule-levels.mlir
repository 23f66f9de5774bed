// What a block does for an image comes in levels, with barriers between them.
// RUN: dale-opt %s --dale-schedule-levels | FileCheck %s
// RUN: dale-opt %s --dale-schedule-levels=bytes=64 | FileCheck %s --check-prefix=SMALL

#id = affine_map<(i) -> (i)>
#id2 = affine_map<(i, j) -> (i, j)>

// The two halves of the program have nothing to do with each other, so the four
// ops need two levels. What an op starts from stays just before it.
// CHECK-LABEL: func.func @images(
// CHECK:      scf.for
// CHECK-NEXT:   %[[A:.*]] = memref.alloc()
// CHECK-NEXT:   linalg.copy {{.*}} outs(%[[A]] :
// CHECK-NEXT:   %[[C:.*]] = memref.alloc()
// CHECK-NEXT:   linalg.copy {{.*}} outs(%[[C]] :
// CHECK-NEXT:   gpu.barrier
// CHECK-NEXT:   %[[B:.*]] = memref.alloc()
// CHECK-NEXT:   linalg.fill {{.*}} outs(%[[B]] :
// CHECK-NEXT:   linalg.generic {{.*}} ins(%[[A]] : {{.*}} outs(%[[B]] :
// CHECK:        %[[D:.*]] = memref.alloc()
// CHECK-NEXT:   linalg.fill {{.*}} outs(%[[D]] :
// CHECK-NEXT:   linalg.generic {{.*}} ins(%[[C]] : {{.*}} outs(%[[D]] :
// CHECK-NOT:    gpu.barrier
// CHECK:      return

// Where there is no memory for both halves at a time, one waits for the other.
// SMALL-LABEL: func.func @images(
// SMALL:      scf.for
// SMALL:        linalg.copy {{.*}} outs(%[[A:.*]] :
// SMALL-NEXT:   gpu.barrier
// SMALL:        linalg.generic {{.*}} ins(%[[A]] :
// SMALL:        gpu.barrier
// SMALL:        linalg.copy {{.*}} outs(%[[C:.*]] :
// SMALL-NEXT:   gpu.barrier
// SMALL:        linalg.generic {{.*}} ins(%[[C]] :
func.func @images(%x: memref<16xf32>, %y: memref<16xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %c0 to %c1 step %c1 {
      %a = memref.alloc() : memref<16xf32>
      %b = memref.alloc() : memref<16xf32>
      %c = memref.alloc() : memref<16xf32>
      %d = memref.alloc() : memref<16xf32>
      linalg.copy ins(%x : memref<16xf32>) outs(%a : memref<16xf32>)
      linalg.fill ins(%zero : f32) outs(%b : memref<16xf32>)
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%a : memref<16xf32>) outs(%b : memref<16xf32>) {
      ^bb0(%in: f32, %out: f32):
        %sum = arith.addf %out, %in : f32
        linalg.yield %sum : f32
      }
      linalg.copy ins(%y : memref<16xf32>) outs(%c : memref<16xf32>)
      linalg.fill ins(%zero : f32) outs(%d : memref<16xf32>)
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%c : memref<16xf32>) outs(%d : memref<16xf32>) {
      ^bb0(%in: f32, %out: f32):
        %sum = arith.addf %out, %in : f32
        linalg.yield %sum : f32
      }
    }
    scf.reduce
  }
  return
}

// An op may come as late as its result is needed: the memory of %late, which is
// copied first here, is needed for two levels and not for three.
// CHECK-LABEL: func.func @late(
// CHECK:        linalg.copy ins(%[[X:.*]] : {{.*}} outs(%[[A:.*]] :
// CHECK-NEXT:   gpu.barrier
// CHECK:        linalg.copy ins(%[[X]] : {{.*}} outs(%[[LATE:.*]] :
// CHECK:        linalg.copy ins(%[[A]] : {{.*}} outs(%[[B:.*]] :
// CHECK-NEXT:   gpu.barrier
// CHECK:        linalg.generic {{.*}} ins(%[[B]], %[[LATE]] :
func.func @late(%x: memref<16xf32>, %y: memref<16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %c0 to %c1 step %c1 {
      %late = memref.alloc() : memref<16xf32>
      linalg.copy ins(%x : memref<16xf32>) outs(%late : memref<16xf32>)
      %a = memref.alloc() : memref<16xf32>
      linalg.copy ins(%x : memref<16xf32>) outs(%a : memref<16xf32>)
      %b = memref.alloc() : memref<16xf32>
      linalg.copy ins(%a : memref<16xf32>) outs(%b : memref<16xf32>)
      linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
          ins(%b, %late : memref<16xf32>, memref<16xf32>) outs(%y : memref<16xf32>) {
      ^bb0(%in: f32, %other: f32, %out: f32):
        %sum = arith.addf %in, %other : f32
        linalg.yield %sum : f32
      }
    }
    scf.reduce
  }
  return
}

// A product whose result another op goes on with in registers is no level of its
// own: the two, with what they start from, stay together.
// CHECK-LABEL: func.func @epilogue(
// CHECK:        linalg.copy ins(%[[Y:.*]] : {{.*}} outs(%[[B:.*]] :
// CHECK-NEXT:   gpu.barrier
// CHECK-NEXT:   %[[REGISTERS:.*]] = memref.alloca()
// CHECK-NEXT:   linalg.fill {{.*}} outs(%[[REGISTERS]] :
// CHECK-NEXT:   linalg.generic {{.*}} outs(%[[REGISTERS]] :
// CHECK:        linalg.generic {{.*}} ins(%[[REGISTERS]], %[[B]] :
// CHECK-NOT:    gpu.barrier
// CHECK:      return
func.func @epilogue(%x: memref<4x4xf32>, %y: memref<4x4xf32>, %z: memref<4x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %c0 to %c1 step %c1 {
      %registers = memref.alloca() : memref<4x4xf32>
      %b = memref.alloc() : memref<4x4xf32>
      linalg.copy ins(%y : memref<4x4xf32>) outs(%b : memref<4x4xf32>)
      linalg.fill ins(%zero : f32) outs(%registers : memref<4x4xf32>)
      linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
                      iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %x : memref<4x4xf32>, memref<4x4xf32>) outs(%registers : memref<4x4xf32>) {
      ^bb0(%in: f32, %other: f32, %out: f32):
        %product = arith.mulf %in, %other : f32
        %sum = arith.addf %out, %product : f32
        linalg.yield %sum : f32
      }
      linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
          ins(%registers, %b : memref<4x4xf32>, memref<4x4xf32>) outs(%z : memref<4x4xf32>) {
      ^bb0(%in: f32, %other: f32, %out: f32):
        %sum = arith.addf %in, %other : f32
        linalg.yield %sum : f32
      }
    }
    scf.reduce
  }
  return
}

// What does more than call ops on buffers stays as it is.
// CHECK-LABEL: func.func @loads(
// CHECK-NOT:  gpu.barrier
// CHECK:      return
func.func @loads(%x: memref<16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %c0 to %c1 step %c1 {
      %number = memref.load %x[%c0] : memref<16xf32>
      linalg.fill ins(%number : f32) outs(%x : memref<16xf32>)
      linalg.copy ins(%x : memref<16xf32>) outs(%x : memref<16xf32>)
    }
    scf.reduce
  }
  return
}
