// Rows of a factor as large as two thirds of the first cache get a line more.
// RUN: dale-opt %s --dale-pad-factors=cache-bytes=6144 --cse | FileCheck %s

// A row of 64 numbers is four lines; 80 are five. The copy is made before the loop,
// once for both products.
// CHECK-LABEL: func.func @large(
// CHECK-SAME:  %{{[^,]*}}, %[[W:.*]]: memref<16x64xf32>,
// CHECK:       %[[FACTOR:.*]] = bufferization.to_tensor %[[W]]
// CHECK:       %[[ROWS:.*]] = tensor.empty() : tensor<16x80xf32>
// CHECK:       %[[PADDED:.*]] = tensor.insert_slice %[[FACTOR]] into %[[ROWS]][0, 0] [16, 64] [1, 1]
// CHECK-NOT:   tensor.insert_slice
// CHECK:       scf.for
// CHECK:         %[[SAME:.*]] = tensor.extract_slice %[[PADDED]][0, 0] [16, 64] [1, 1]
// CHECK:         linalg.matmul ins(%{{.*}}, %[[SAME]] :
// CHECK:         linalg.matmul ins(%{{.*}}, %[[SAME]] :
func.func @large(%a: tensor<8x16xf32>, %w: memref<16x64xf32>, %c: tensor<8x64xf32>, %n: index)
    -> tensor<8x64xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %0 = scf.for %image = %zero to %n step %one iter_args(%sum = %c) -> tensor<8x64xf32> {
    %b = bufferization.to_tensor %w restrict : memref<16x64xf32> to tensor<16x64xf32>
    %1 = linalg.matmul ins(%a, %b : tensor<8x16xf32>, tensor<16x64xf32>)
        outs(%sum : tensor<8x64xf32>) -> tensor<8x64xf32>
    %2 = linalg.matmul ins(%a, %b : tensor<8x16xf32>, tensor<16x64xf32>)
        outs(%1 : tensor<8x64xf32>) -> tensor<8x64xf32>
    scf.yield %2 : tensor<8x64xf32>
  }
  return %0 : tensor<8x64xf32>
}

// A factor that is another one for each image stays, and so do one that is smaller
// than the cache and one of rows that lie apart as they are.
// CHECK-LABEL: func.func @stay(
// CHECK-NOT:   tensor.insert_slice
func.func @stay(%a: tensor<8x16xf32>, %own: tensor<16x64xf32>, %small: memref<15x64xf32>,
                %apart: memref<16x72xf32>, %c: tensor<8x64xf32>, %d: tensor<8x72xf32>, %n: index)
    -> (tensor<8x64xf32>, tensor<8x72xf32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %0:2 = scf.for %image = %zero to %n step %one iter_args(%sum = %c, %wide = %d)
      -> (tensor<8x64xf32>, tensor<8x72xf32>) {
    %1 = linalg.matmul ins(%a, %own : tensor<8x16xf32>, tensor<16x64xf32>)
        outs(%sum : tensor<8x64xf32>) -> tensor<8x64xf32>
    %b = bufferization.to_tensor %small restrict : memref<15x64xf32> to tensor<15x64xf32>
    %e = tensor.extract_slice %a[0, 0] [8, 15] [1, 1] : tensor<8x16xf32> to tensor<8x15xf32>
    %2 = linalg.matmul ins(%e, %b : tensor<8x15xf32>, tensor<15x64xf32>)
        outs(%1 : tensor<8x64xf32>) -> tensor<8x64xf32>
    %f = bufferization.to_tensor %apart restrict : memref<16x72xf32> to tensor<16x72xf32>
    %3 = linalg.matmul ins(%a, %f : tensor<8x16xf32>, tensor<16x72xf32>)
        outs(%wide : tensor<8x72xf32>) -> tensor<8x72xf32>
    scf.yield %2, %3 : tensor<8x64xf32>, tensor<8x72xf32>
  }
  return %0#0, %0#1 : tensor<8x64xf32>, tensor<8x72xf32>
}
