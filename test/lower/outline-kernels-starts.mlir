// What a kernel starts from is part of it only where nothing comes between.
// RUN: dale-opt %s --dale-outline-kernels | FileCheck %s

// A start stays before a fill of a part of it, or of what it copies: the kernel
// does not begin with it.
// CHECK-LABEL: func.func @starts_that_stay(
// CHECK-SAME:  %[[X:.*]]: memref<4x4xf32>, %[[SOURCE:.*]]: memref<4x4xf32>, %[[OUT:.*]]: memref<4x4xf32>, %[[OTHER:.*]]: memref<4x4xf32>
// CHECK:       %[[ALL:.*]] = memref.cast %[[OUT]]
// CHECK-NEXT:  call @{{.*}}(%[[ALL]]) :
// CHECK:       %[[PART:.*]] = memref.cast %{{.*}} : memref<2x2xf32, strided<[4, 1], offset: 5>>
// CHECK-NEXT:  call @{{.*}}(%[[PART]]) :
// CHECK:       call @{{.*}} : (memref<4x4xf32, strided<[4, 1], offset: ?>>, memref<4x4xf32, strided<[4, 1], offset: ?>>) -> ()
// CHECK:       %[[FROM:.*]] = memref.cast %[[SOURCE]]
// CHECK-NEXT:  %[[TO:.*]] = memref.cast %[[OTHER]]
// CHECK-NEXT:  call @{{.*}}(%[[FROM]], %[[TO]]) :
// CHECK-NEXT:  %[[ZEROED:.*]] = memref.cast %[[SOURCE]]
// CHECK-NEXT:  call @{{.*}}(%[[ZEROED]]) :
#same = affine_map<(d0, d1) -> (d0, d1)>
func.func @starts_that_stay(%x: memref<4x4xf32>, %source: memref<4x4xf32>, %out: memref<4x4xf32>,
    %other: memref<4x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  linalg.fill ins(%zero : f32) outs(%out : memref<4x4xf32>)
  %part = memref.subview %out[1, 1] [2, 2] [1, 1]
      : memref<4x4xf32> to memref<2x2xf32, strided<[4, 1], offset: 5>>
  linalg.fill ins(%one : f32) outs(%part : memref<2x2xf32, strided<[4, 1], offset: 5>>)
  linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<4x4xf32>) outs(%out : memref<4x4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  }
  linalg.copy ins(%source : memref<4x4xf32>) outs(%other : memref<4x4xf32>)
  linalg.fill ins(%zero : f32) outs(%source : memref<4x4xf32>)
  linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<4x4xf32>) outs(%other : memref<4x4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  }
  return
}

// Of two starts of one output the later counts; the earlier is done by itself.
// CHECK-LABEL: func.func @two_starts(
// CHECK-SAME:  %[[X:.*]]: memref<16xf32>, %[[Y:.*]]: memref<16xf32>, %[[OUT:.*]]: memref<16xf32>
// CHECK:       %[[FILLED:.*]] = memref.cast %[[OUT]]
// CHECK-NEXT:  call @[[FILL:.*]](%[[FILLED]]) :
// CHECK-NEXT:  %[[IN:.*]] = memref.cast %[[Y]]
// CHECK-NEXT:  %[[TO:.*]] = memref.cast %[[OUT]]
// CHECK-NEXT:  %[[FROM:.*]] = memref.cast %[[X]]
// CHECK-NEXT:  call @[[ADD:.*]](%[[IN]], %[[TO]], %[[FROM]]) :
// CHECK:       func.func private @[[FILL]](
// CHECK:         linalg.fill
// CHECK-NOT:     linalg
// CHECK:       func.func private @[[ADD]](
// CHECK-NOT:     linalg.fill
// CHECK:         linalg.copy
// CHECK-NEXT:    linalg.generic
func.func @two_starts(%x: memref<16xf32>, %y: memref<16xf32>, %out: memref<16xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%out : memref<16xf32>)
  linalg.copy ins(%x : memref<16xf32>) outs(%out : memref<16xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%y : memref<16xf32>) outs(%out : memref<16xf32>) {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  }
  return
}
