// Ops that start from equal initial values are given one each: filled, and not
// copied from what another one starts from.
// RUN: dale-opt %s --pass-pipeline="builtin.module(func.func(dale-bufferize))" | FileCheck %s

// CHECK-LABEL: func.func @products(
// CHECK:       linalg.fill {{.*}} outs(%[[FIRST:.*]] : memref<4x4xf32>)
// CHECK-NEXT:  linalg.matmul {{.*}} outs(%[[FIRST]] :
// CHECK:       linalg.fill {{.*}} outs(%[[SECOND:.*]] : memref<4x4xf32>)
// CHECK-NEXT:  linalg.matmul {{.*}} outs(%[[SECOND]] :
// CHECK:       linalg.fill {{.*}} outs(%[[THIRD:.*]] : memref<4x4xf32>)
// CHECK-NEXT:  linalg.matmul {{.*}} outs(%[[THIRD]] :
// CHECK-NEXT:  memref.copy %[[THIRD]]
// CHECK-NEXT:  return
func.func @products(%a: memref<4x4xf32>, %x: memref<4x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %a restrict : memref<4x4xf32> to tensor<4x4xf32>
  %empty = tensor.empty() : tensor<4x4xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = linalg.matmul ins(%0, %0 : tensor<4x4xf32>, tensor<4x4xf32>) outs(%zeros : tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = linalg.matmul ins(%1, %0 : tensor<4x4xf32>, tensor<4x4xf32>) outs(%zeros : tensor<4x4xf32>) -> tensor<4x4xf32>
  %3 = linalg.matmul ins(%1, %2 : tensor<4x4xf32>, tensor<4x4xf32>) outs(%zeros : tensor<4x4xf32>) -> tensor<4x4xf32>
  bufferization.materialize_in_destination %3 in restrict writable %x : (tensor<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// What is computed in a part of an initial value, and inserted there, shares it.
// CHECK-LABEL: func.func @parts(
// CHECK-COUNT-1: linalg.fill {{.*}} : memref<6x4xf32>)
// CHECK-NOT:   linalg.fill
// CHECK:       %[[PART:.*]] = memref.subview %{{.*}}[1, 0] [4, 4]
// CHECK:       linalg.map { math.absf } {{.*}} outs(%[[PART]]
// CHECK-NOT:   memref.alloc
// CHECK:       return
func.func @parts(%a: memref<4x4xf32>, %x: memref<6x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %a restrict : memref<4x4xf32> to tensor<4x4xf32>
  %empty = bufferization.to_tensor %x restrict writable : memref<6x4xf32> to tensor<6x4xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<6x4xf32>) -> tensor<6x4xf32>
  %part = tensor.extract_slice %zeros[1, 0] [4, 4] [1, 1] : tensor<6x4xf32> to tensor<4x4xf32>
  %1 = linalg.map { math.absf } ins(%0 : tensor<4x4xf32>) outs(%part : tensor<4x4xf32>)
  %2 = tensor.insert_slice %1 into %zeros[1, 0] [4, 4] [1, 1] : tensor<4x4xf32> into tensor<6x4xf32>
  bufferization.materialize_in_destination %2 in restrict writable %x : (tensor<6x4xf32>, memref<6x4xf32>) -> ()
  return
}

// The same where the part is filled once more, for a sum to start from.
// CHECK-LABEL: func.func @filled_part(
// CHECK-SAME: %{{.*}}, %[[X:[a-z0-9]+]]: memref<6x4xf32>)
// CHECK:      linalg.fill ins({{.*}}) outs(%[[X]] : memref<6x4xf32>)
// CHECK:      %[[PART:.*]] = memref.subview %[[X]][1, 0] [4, 4] [1, 1]
// CHECK:      linalg.fill ins({{.*}}) outs(%[[PART]] :
// CHECK:      linalg.matmul {{.*}} outs(%[[PART]] :
// CHECK-NOT:  memref.alloc
// CHECK:      return
func.func @filled_part(%a: memref<4x4xf32>, %x: memref<6x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %0 = bufferization.to_tensor %a restrict : memref<4x4xf32> to tensor<4x4xf32>
  %empty = bufferization.to_tensor %x restrict writable : memref<6x4xf32> to tensor<6x4xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<6x4xf32>) -> tensor<6x4xf32>
  %part = tensor.extract_slice %zeros[1, 0] [4, 4] [1, 1] : tensor<6x4xf32> to tensor<4x4xf32>
  %start = linalg.fill ins(%zero : f32) outs(%part : tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = linalg.matmul ins(%0, %0 : tensor<4x4xf32>, tensor<4x4xf32>) outs(%start : tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = tensor.insert_slice %1 into %zeros[1, 0] [4, 4] [1, 1] : tensor<4x4xf32> into tensor<6x4xf32>
  bufferization.materialize_in_destination %2 in restrict writable %x : (tensor<6x4xf32>, memref<6x4xf32>) -> ()
  return
}
