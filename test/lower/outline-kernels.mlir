// Every linalg op becomes a function, one for all equal ops.
// RUN: dale-opt %s --dale-outline-kernels | FileCheck %s

// CHECK-DAG: #[[SAME:.*]] = affine_map<(d0, d1) -> (d0, d1)>

// Products of the same size share a kernel, wherever their maps begin.
// CHECK-LABEL: func.func @products(
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<8x4xf32>, %[[W:[a-z0-9]+]]: memref<4x4xf32>, %[[Y:[a-z0-9]+]]: memref<8x4xf32>, %[[Z:[a-z0-9]+]]: memref<16x4xf32>
// CHECK:      %[[X0:.*]] = memref.cast %[[X]] : memref<8x4xf32> to memref<8x4xf32, strided<[4, 1], offset: ?>>
// CHECK:      call @[[PRODUCT:.*]](%[[X0]], %{{.*}}, %{{.*}}) :
// CHECK:      %[[HALF:.*]] = memref.subview %[[Z]][8, 0]
// CHECK:      %[[HALF0:.*]] = memref.cast %[[HALF]]
// CHECK:      call @[[PRODUCT]](%{{.*}}, %{{.*}}, %[[HALF0]]) :
// CHECK:      return
func.func @products(%x: memref<8x4xf32>, %w: memref<4x4xf32>, %y: memref<8x4xf32>,
                    %z: memref<16x4xf32>) {
  linalg.matmul ins(%x, %w : memref<8x4xf32>, memref<4x4xf32>) outs(%y : memref<8x4xf32>)
  %half = memref.subview %z[8, 0] [8, 4] [1, 1]
      : memref<16x4xf32> to memref<8x4xf32, strided<[4, 1], offset: 32>>
  linalg.matmul ins(%y, %w : memref<8x4xf32>, memref<4x4xf32>)
      outs(%half : memref<8x4xf32, strided<[4, 1], offset: 32>>)
  return
}

// What a body uses from outside is an argument, its constants go along. Ops that
// do another thing with the same operands have another kernel.
// CHECK-LABEL: func.func @bodies(
// CHECK-SAME: %{{.*}}, %[[S:[a-z0-9]+]]: f32)
// CHECK:      call @[[MINUS_S:.*]](%{{.*}}, %{{.*}}, %[[S]]) :
// CHECK-NOT:  @[[MINUS_S]](
// CHECK:      call @[[S_MINUS:.*]](%{{.*}}, %{{.*}}, %[[S]]) :
// CHECK:      return
func.func @bodies(%x: memref<8x4xf32>, %y: memref<8x4xf32>, %s: f32) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<8x4xf32>) outs(%y : memref<8x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.subf %a, %s : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<8x4xf32>) outs(%y : memref<8x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.subf %s, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// Fills, with their constant, and copies stay on memrefs.
// CHECK-LABEL: func.func @moves(
// CHECK:      call @[[FILL:.*]](%{{[a-z0-9_]+}}) :
// CHECK:      call @[[COPY:.*]](%{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}) :
// CHECK-NOT:  memref.copy
// CHECK:      return
func.func @moves(%x: memref<8x4xf32>, %y: memref<8x4xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8x4xf32>)
  memref.copy %x, %y : memref<8x4xf32> to memref<8x4xf32>
  return
}

// Sizes that are known only at run time are left to loops.
// CHECK-LABEL: func.func @dynamic(
// CHECK-NEXT: memref.copy
// CHECK-NEXT: return
func.func @dynamic(%x: memref<?x4xf32>, %y: memref<?x4xf32>) {
  memref.copy %x, %y : memref<?x4xf32> to memref<?x4xf32>
  return
}

// An op that starts from what its output was just filled with, or from a copy, has
// that in its kernel: no memory is filled first. One that is read in between stays.
// CHECK-LABEL: func.func @starts(
// CHECK-SAME: %[[X:[a-z0-9]+]]: {{.*}}, %[[Y:[a-z0-9]+]]: {{.*}}, %[[Z:[a-z0-9]+]]: {{.*}}, %[[W:[a-z0-9]+]]:
// CHECK-NEXT: arith.constant
// CHECK:      call @[[FROM_ZERO:.*]](%{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}) :
// CHECK:      %[[TO:.*]] = memref.cast %[[Y]]
// CHECK-NEXT: %[[FROM:.*]] = memref.cast %[[Z]]
// CHECK-NEXT: call @[[FROM_COPY:.*]](%{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}, %[[TO]], %[[FROM]]) :
// CHECK:      call @[[FILL_FIRST:.*]](%{{[a-z0-9_]+}}) :
// CHECK:      call @{{.*}}(%{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}) :
// CHECK:      call @[[ONTO:.*]](%{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}) :
// CHECK-NEXT: return
func.func @starts(%x: memref<8x8xf32>, %y: memref<8x8xf32>, %z: memref<8x8xf32>, %w: memref<8x8xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8x8xf32>)
  linalg.matmul ins(%x, %x : memref<8x8xf32>, memref<8x8xf32>) outs(%y : memref<8x8xf32>)
  memref.copy %z, %y : memref<8x8xf32> to memref<8x8xf32>
  linalg.matmul ins(%x, %x : memref<8x8xf32>, memref<8x8xf32>) outs(%y : memref<8x8xf32>)
  linalg.fill ins(%zero : f32) outs(%z : memref<8x8xf32>)
  memref.copy %z, %w : memref<8x8xf32> to memref<8x8xf32>
  linalg.matmul ins(%x, %x : memref<8x8xf32>, memref<8x8xf32>) outs(%z : memref<8x8xf32>)
  return
}

// Views of one memref are made in the kernel, unless it is written to as well.
// CHECK-LABEL: func.func @windows(
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<6x4xf32>, %[[Y:[a-z0-9]+]]: memref<4x4xf32>)
// CHECK:      %[[XC:.*]] = memref.cast %[[X]]
// CHECK-NEXT: %[[YC:.*]] = memref.cast %[[Y]]
// CHECK-NEXT: call @[[WINDOWS:.*]](%[[XC]], %[[YC]]) :
// CHECK:      call @{{.*}}(%{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}) :
// CHECK-NEXT: return
func.func @windows(%x: memref<6x4xf32>, %y: memref<4x4xf32>) {
  %first = memref.subview %x[0, 0] [4, 4] [1, 1] : memref<6x4xf32> to memref<4x4xf32, strided<[4, 1]>>
  %last = memref.subview %x[2, 0] [4, 4] [1, 1] : memref<6x4xf32> to memref<4x4xf32, strided<[4, 1], offset: 8>>
  linalg.sub ins(%first, %last : memref<4x4xf32, strided<[4, 1]>>, memref<4x4xf32, strided<[4, 1], offset: 8>>)
             outs(%y : memref<4x4xf32>)
  linalg.sub ins(%first, %last : memref<4x4xf32, strided<[4, 1]>>, memref<4x4xf32, strided<[4, 1], offset: 8>>)
             outs(%first : memref<4x4xf32, strided<[4, 1]>>)
  return
}

// A kernel takes memrefs, and holds the op on tensors.
// CHECK:      func.func private @[[PRODUCT]](
// CHECK-SAME: %[[A:.*]]: memref<8x4xf32, strided<[4, 1], offset: ?>>, %[[B:.*]]: memref<4x4xf32, {{.*}}>, %[[C:.*]]: memref<8x4xf32, {{.*}}>) attributes {dale.kernel, no_inline}
// CHECK-NEXT:   %[[TA:.*]] = bufferization.to_tensor %[[A]] restrict :
// CHECK-NEXT:   %[[TB:.*]] = bufferization.to_tensor %[[B]] restrict :
// CHECK-NEXT:   %[[TC:.*]] = bufferization.to_tensor %[[C]] restrict writable :
// CHECK-NEXT:   %[[SUM:.*]] = linalg.matmul ins(%[[TA]], %[[TB]] : {{.*}}) outs(%[[TC]]
// CHECK-NEXT:   bufferization.materialize_in_destination %[[SUM]] in restrict writable %[[C]]
// CHECK-NEXT:   return
// CHECK:      func.func private @[[MINUS_S]](%{{.*}}, %{{.*}}, %[[S:.*]]: f32)
// CHECK:        linalg.generic {indexing_maps = [#[[SAME]], #[[SAME]]]
// CHECK-NEXT:   ^bb0(%[[IN:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:     arith.subf %[[IN]], %[[S]]
// CHECK:      func.func private @[[S_MINUS]](%{{.*}}, %{{.*}}, %[[S:.*]]: f32)
// CHECK:        arith.subf %[[S]], %{{.*}}
// CHECK:      func.func private @[[FILL]](%[[Y:.*]]: memref<8x4xf32, {{.*}}>)
// CHECK-NEXT:   %[[ZERO:.*]] = arith.constant 0.0{{.*}} : f32
// CHECK-NEXT:   linalg.fill ins(%[[ZERO]] : f32) outs(%[[Y]] : memref<
// CHECK:      func.func private @[[COPY]](%[[X:.*]]: memref<8x4xf32, {{.*}}>, %[[Y:.*]]: memref<8x4xf32, {{.*}}>)
// CHECK-NEXT:   linalg.copy ins(%[[X]] : {{.*}}) outs(%[[Y]] :
// CHECK-NOT:  func.func
// CHECK:      func.func private @[[FROM_ZERO]](
// CHECK:        %[[PLACE:.*]] = bufferization.to_tensor %arg2
// CHECK:        %[[ZEROS:.*]] = linalg.fill {{.*}} outs(%[[PLACE]]
// CHECK:        linalg.matmul {{.*}} outs(%[[ZEROS]]
// CHECK:      func.func private @[[FROM_COPY]](
// CHECK:        %[[PLACE:.*]] = bufferization.to_tensor %arg2 restrict writable
// CHECK:        %[[START:.*]] = bufferization.to_tensor %arg3 restrict :
// CHECK:        %[[COPY:.*]] = linalg.copy ins(%[[START]] : {{.*}}) outs(%[[PLACE]]
// CHECK:        linalg.matmul {{.*}} outs(%[[COPY]]

// CHECK:      func.func private @[[WINDOWS]](%[[X:.*]]: memref<6x4xf32, {{.*}}>, %[[Y:.*]]: memref<4x4xf32, {{.*}}>)
// CHECK-NEXT:   %[[TX:.*]] = bufferization.to_tensor %[[X]] restrict :
// CHECK-NEXT:   %[[FIRST:.*]] = tensor.extract_slice %[[TX]][0, 0] [4, 4] [1, 1]
// CHECK-NEXT:   %[[LAST:.*]] = tensor.extract_slice %[[TX]][2, 0] [4, 4] [1, 1]
// CHECK-NEXT:   %[[TY:.*]] = bufferization.to_tensor %[[Y]] restrict writable :
// CHECK-NEXT:   linalg.sub ins(%[[FIRST]], %[[LAST]] : {{.*}}) outs(%[[TY]]
