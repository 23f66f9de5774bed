// An op, and the product whose result it goes on with in registers, are one kernel.
// RUN: dale-opt %s --dale-outline-kernels --canonicalize | FileCheck %s

#rows = affine_map<(m, n, k) -> (m, k)>
#columns = affine_map<(m, n, k) -> (k, n)>
#sums = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
#channel = affine_map<(m, n) -> (n)>

// It is called with what is in memory alone.
// CHECK-LABEL: func.func @product(
// CHECK-SAME:  %[[X:.*]]: memref<16x4xf32>, %[[W:.*]]: memref<4x8xf32>, %[[BIAS:.*]]: memref<8xf32>, %[[Y:.*]]: memref<16x8xf32>
// CHECK-NOT:   memref.alloca
// CHECK-DAG:   %[[X0:.*]] = memref.cast %[[X]]
// CHECK-DAG:   %[[W0:.*]] = memref.cast %[[W]]
// CHECK-DAG:   %[[BIAS0:.*]] = memref.cast %[[BIAS]]
// CHECK-DAG:   %[[Y0:.*]] = memref.cast %[[Y]]
// CHECK-NEXT:  call @[[KERNEL:.*]](%[[X0]], %[[W0]], %[[BIAS0]], %[[Y0]]) :
// CHECK-NEXT:  return
func.func @product(%x: memref<16x4xf32>, %w: memref<4x8xf32>, %bias: memref<8xf32>, %y: memref<16x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %registers = memref.alloca() : memref<16x8xf32>
  linalg.fill ins(%zero : f32) outs(%registers : memref<16x8xf32>)
  linalg.generic {indexing_maps = [#rows, #columns, #sums], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<16x4xf32>, memref<4x8xf32>) outs(%registers : memref<16x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [#id, #channel, #id], iterator_types = ["parallel", "parallel"]}
      ins(%registers, %bias : memref<16x8xf32>, memref<8xf32>) outs(%y : memref<16x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// What two ops read is in memory, and each is a kernel.
// CHECK-LABEL: func.func @two_readers(
// CHECK:       %[[MAP:.*]] = memref.alloca
// CHECK-COUNT-3: call @{{.*}}
func.func @two_readers(%x: memref<16x8xf32>, %y: memref<16x8xf32>) {
  %map = memref.alloca() : memref<16x8xf32>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<16x8xf32>) outs(%map : memref<16x8xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.addf %a, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%map : memref<16x8xf32>) outs(%y : memref<16x8xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.mulf %a, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%map : memref<16x8xf32>) outs(%x : memref<16x8xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.subf %a, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// The kernel of the product.
// CHECK:       func.func private @[[KERNEL]](%[[X:[a-z0-9]+]]: {{.*}}, %[[W:[a-z0-9]+]]: {{.*}}, %[[BIAS:[a-z0-9]+]]: {{.*}}, %[[Y:[a-z0-9]+]]: {{.*}})
// CHECK-DAG:   %[[A:.*]] = bufferization.to_tensor %[[X]]
// CHECK-DAG:   %[[B:.*]] = bufferization.to_tensor %[[W]]
// CHECK-DAG:   %[[EMPTY:.*]] = tensor.empty() : tensor<16x8xf32>
// CHECK:       %[[START:.*]] = linalg.fill {{.*}} outs(%[[EMPTY]] :
// CHECK:       %[[PRODUCT:.*]] = linalg.generic {{.*}} ins(%[[A]], %[[B]] : {{.*}} outs(%[[START]] :
// CHECK:       %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[PRODUCT]], %{{.*}} :
// CHECK:       bufferization.materialize_in_destination %[[SUM]] in restrict writable %[[Y]]
