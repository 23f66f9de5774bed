// What a product computes for one element-wise op alone stays in registers.
// RUN: dale-opt %s --dale-fuse-epilogues | FileCheck %s
// RUN: dale-opt %s --dale-fuse-epilogues=sums=3 | FileCheck %s --check-prefix=THREE

#rows = affine_map<(m, n, k) -> (m, k)>
#columns = affine_map<(m, n, k) -> (k, n)>
#sums = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
#channel = affine_map<(m, n) -> (n)>

// The product, and the zeros that it starts from, move to the op.
// CHECK-LABEL: func.func @product(
// CHECK-SAME:  %[[W:[a-z0-9]+]]: memref<4x8xf32>, %[[BIAS:[a-z0-9]+]]: memref<8xf32>
// CHECK:       scf.for
// CHECK:         %[[X:.*]] = memref.alloc() : memref<16x4xf32>
// CHECK:         %[[REGISTERS:.*]] = memref.alloca() : memref<16x8xf32>
// CHECK:         %[[Y:.*]] = memref.alloc() : memref<16x8xf32>
// CHECK-NEXT:    linalg.fill {{.*}} outs(%[[X]] :
// CHECK-NEXT:    linalg.fill {{.*}} outs(%[[Y]] :
// CHECK-NEXT:    linalg.fill {{.*}} outs(%[[REGISTERS]] :
// CHECK-NEXT:    linalg.generic {{.*}} ins(%[[X]], %[[W]] : {{.*}} outs(%[[REGISTERS]] :
// CHECK:         linalg.generic {{.*}} ins(%[[REGISTERS]], %[[BIAS]] : {{.*}} outs(%[[Y]] :
func.func @product(%w: memref<4x8xf32>, %bias: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %c0 to %c1 step %c1 {
      %x = memref.alloc() : memref<16x4xf32>
      %product = memref.alloc() : memref<16x8xf32>
      %y = memref.alloc() : memref<16x8xf32>
      linalg.fill ins(%zero : f32) outs(%x : memref<16x4xf32>)
      linalg.fill ins(%zero : f32) outs(%product : memref<16x8xf32>)
      linalg.generic {indexing_maps = [#rows, #columns, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %w : memref<16x4xf32>, memref<4x8xf32>) outs(%product : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = arith.mulf %a, %b : f32
        %1 = arith.addf %c, %0 : f32
        linalg.yield %1 : f32
      }
      linalg.fill ins(%zero : f32) outs(%y : memref<16x8xf32>)
      linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel"]}
          ins(%product, %bias : memref<16x8xf32>, memref<8xf32>) outs(%y : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = arith.addf %a, %b : f32
        linalg.yield %0 : f32
      }
    }
    scf.reduce
  }
  return
}

// Products that are added up are in the same registers, on top of what is copied
// there. An op goes on with two sums at most, unless it is told otherwise.
// CHECK-LABEL: func.func @sums(
// CHECK-SAME:  %[[X:[a-z0-9]+]]: memref<16x4xf32>, %[[W:[a-z0-9]+]]: memref<4x8xf32>, %[[START:[a-z0-9]+]]: memref<16x8xf32>
// CHECK:       scf.for
// CHECK:         %[[SUM:.*]] = memref.alloca()
// CHECK:         %[[SECOND:.*]] = memref.alloca()
// CHECK:         %[[THIRD:.*]] = memref.alloc()
// CHECK:         linalg.generic {{.*}} outs(%[[THIRD]] :
// CHECK:         linalg.copy ins(%[[START]] : {{.*}} outs(%[[SUM]] :
// CHECK-NEXT:    linalg.generic {{.*}} outs(%[[SUM]] :
// CHECK:         linalg.generic {{.*}} outs(%[[SUM]] :
// CHECK:         linalg.fill {{.*}} outs(%[[SECOND]] :
// CHECK-NEXT:    linalg.generic {{.*}} outs(%[[SECOND]] :
// CHECK:         linalg.generic {{.*}} ins(%[[SUM]], %[[SECOND]], %[[THIRD]] :
// THREE-LABEL: func.func @sums(
// THREE-COUNT-3: memref.alloca()
func.func @sums(%x: memref<16x4xf32>, %w: memref<4x8xf32>, %start: memref<16x8xf32>, %y: memref<16x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %c0 to %c1 step %c1 {
      %sum = memref.alloc() : memref<16x8xf32>
      %second = memref.alloc() : memref<16x8xf32>
      %third = memref.alloc() : memref<16x8xf32>
      memref.copy %start, %sum : memref<16x8xf32> to memref<16x8xf32>
      linalg.generic {indexing_maps = [#rows, #columns, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %w : memref<16x4xf32>, memref<4x8xf32>) outs(%sum : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = arith.mulf %a, %b : f32
        %1 = arith.addf %c, %0 : f32
        linalg.yield %1 : f32
      }
      linalg.generic {indexing_maps = [#rows, #columns, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %w : memref<16x4xf32>, memref<4x8xf32>) outs(%sum : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = arith.mulf %a, %b : f32
        %1 = arith.addf %c, %0 : f32
        linalg.yield %1 : f32
      }
      linalg.fill ins(%zero : f32) outs(%second : memref<16x8xf32>)
      linalg.generic {indexing_maps = [#rows, #columns, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %w : memref<16x4xf32>, memref<4x8xf32>) outs(%second : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = arith.mulf %a, %b : f32
        %1 = arith.addf %c, %0 : f32
        linalg.yield %1 : f32
      }
      linalg.fill ins(%zero : f32) outs(%third : memref<16x8xf32>)
      linalg.generic {indexing_maps = [#rows, #columns, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %w : memref<16x4xf32>, memref<4x8xf32>) outs(%third : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = arith.mulf %a, %b : f32
        %1 = arith.addf %c, %0 : f32
        linalg.yield %1 : f32
      }
      linalg.generic {indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%sum, %second, %third : memref<16x8xf32>, memref<16x8xf32>, memref<16x8xf32>) outs(%y : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32, %d: f32):
        %0 = arith.mulf %a, %b : f32
        %1 = arith.addf %0, %c : f32
        linalg.yield %1 : f32
      }
    }
    scf.reduce
  }
  return
}

// An op that writes to what the product reads would change it for threads that
// still compute sums.
// CHECK-LABEL: func.func @in_place(
// CHECK-NOT:   memref.alloca
// CHECK:       return
func.func @in_place(%w: memref<8x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %c0 to %c1 step %c1 {
      %x = memref.alloc() : memref<16x8xf32>
      %product = memref.alloc() : memref<16x8xf32>
      linalg.fill ins(%zero : f32) outs(%x : memref<16x8xf32>)
      linalg.fill ins(%zero : f32) outs(%product : memref<16x8xf32>)
      linalg.generic {indexing_maps = [#rows, #columns, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %w : memref<16x8xf32>, memref<8x8xf32>) outs(%product : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = arith.mulf %a, %b : f32
        %1 = arith.addf %c, %0 : f32
        linalg.yield %1 : f32
      }
      linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%product : memref<16x8xf32>) outs(%x : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32):
        %0 = math.exp %a : f32
        linalg.yield %0 : f32
      }
    }
    scf.reduce
  }
  return
}

// Nor is it moved behind what changes a factor, or what else needs its result.
// CHECK-LABEL: func.func @between(
// CHECK-NOT:   memref.alloca
// CHECK:       return
func.func @between(%w: memref<4x8xf32>, %sum: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    scf.for %image = %c0 to %c1 step %c1 {
      %x = memref.alloc() : memref<16x4xf32>
      %product = memref.alloc() : memref<16x8xf32>
      %other = memref.alloc() : memref<16x8xf32>
      %y = memref.alloc() : memref<16x8xf32>
      linalg.fill ins(%zero : f32) outs(%x : memref<16x4xf32>)
      linalg.fill ins(%zero : f32) outs(%product : memref<16x8xf32>)
      linalg.generic {indexing_maps = [#rows, #columns, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %w : memref<16x4xf32>, memref<4x8xf32>) outs(%product : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = arith.mulf %a, %b : f32
        %1 = arith.addf %c, %0 : f32
        linalg.yield %1 : f32
      }
      linalg.fill ins(%zero : f32) outs(%other : memref<16x8xf32>)
      linalg.generic {indexing_maps = [#rows, #columns, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %w : memref<16x4xf32>, memref<4x8xf32>) outs(%other : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = arith.mulf %a, %b : f32
        %1 = arith.addf %c, %0 : f32
        linalg.yield %1 : f32
      }
      linalg.fill ins(%zero : f32) outs(%x : memref<16x4xf32>)
      linalg.generic {indexing_maps = [#id, #channel], iterator_types = ["reduction", "parallel"]}
          ins(%other : memref<16x8xf32>) outs(%sum : memref<8xf32>) {
      ^bb0(%a: f32, %b: f32):
        %0 = arith.addf %a, %b : f32
        linalg.yield %0 : f32
      }
      linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
          ins(%product, %other : memref<16x8xf32>, memref<16x8xf32>) outs(%y : memref<16x8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = arith.addf %a, %b : f32
        linalg.yield %0 : f32
      }
    }
    scf.reduce
  }
  return
}
