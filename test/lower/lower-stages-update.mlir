// A buffer of which a stage that is done once is the last to read, and computes what
// comes into it, is updated in place, if that is arithmetic.
// RUN: dale-opt %s --split-input-file --dale-lower-stages=chunks=8 --canonicalize --cse | FileCheck %s
// RUN: dale-opt %s --split-input-file --dale-lower-stages=chunks=8 --dale-tensor-to-linalg --dale-fuse-elementwise \
// RUN:   --canonicalize --cse --dale-place-results --dale-bufferize --canonicalize --cse --canonicalize \
// RUN:   | FileCheck %s --check-prefix=BUFFERS

// CHECK-LABEL: func.func @dale_train_step(
// CHECK-SAME: %[[THETA:[a-z0-9]+]]: memref<?xi8>, %[[MOMENTA:[a-z0-9]+]]: memref<?xi8>, %[[AVERAGES:[a-z0-9]+]]: memref<?xi8>
// CHECK-DAG:  %[[T:.*]] = memref.view %[[THETA]]
// CHECK-DAG:  %[[A:.*]] = memref.view %[[AVERAGES]]
// CHECK:      call @update(%[[T]], %[[A]], %[[T]], %[[OTHER:.*]], %{{.*}})
// What is no arithmetic is copied.
// CHECK-NEXT: memref.copy %[[OTHER]], %[[A]]
// CHECK-NEXT: return
// CHECK-LABEL: func.func private @update(
// CHECK-SAME: %[[T:[a-z0-9]+]]: memref<4xf32>, %[[A:[a-z0-9]+]]: memref<4xf32>, %{{.*}}: memref<4xf32>, %[[OTHER:[a-z0-9]+]]: memref<4xf32>
// CHECK:      bufferization.to_tensor %[[T]] restrict writable
// CHECK:      bufferization.materialize_in_destination %{{.*}} in restrict writable %[[OTHER]]
// CHECK-NEXT: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[T]]

// No other memory is needed for it, and no copy.
// BUFFERS-LABEL: func.func private @update(
// BUFFERS-SAME: %[[T:[a-z0-9]+]]: memref<4xf32>, %[[A:[a-z0-9]+]]: memref<4xf32>
// BUFFERS-NOT:  memref.alloc
// BUFFERS:      linalg.generic {{.*}} ins(%[[T]], %[[A]] : {{.*}} outs(%[[T]] :
// BUFFERS-NOT:  memref.copy %{{.*}}, %[[T]]
func.func @train_step(%theta: tensor<4xf32> {dale.buffer = "parameters"},
                      %averages: tensor<4xf32> {dale.buffer = "averages"})
    -> (tensor<4xf32> {dale.buffer = "parameters"}, tensor<4xf32> {dale.buffer = "averages"}) {
  %0:2 = call @update(%theta, %averages) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return %0#0, %0#1 : tensor<4xf32>, tensor<4xf32>
}
func.func private @update(%theta: tensor<4xf32>, %averages: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0:2 = dale.stage once ins(%theta, %averages : tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%t: tensor<4xf32>, %a: tensor<4xf32>):
    %sum = arith.addf %t, %a : tensor<4xf32>
    dale.yield %sum, %a : tensor<4xf32>, tensor<4xf32>
  } -> tensor<4xf32>, tensor<4xf32>
  return %0#0, %0#1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Not where another stage reads the buffer behind it, ...
// CHECK-LABEL: func.func @dale_train_step(
// CHECK:      %[[T:.*]] = memref.view %arg0
// CHECK:      call @twice(%[[T]], %[[NEW:.*]], %{{.*}})
// CHECK:      call @twice(%[[T]],
// CHECK:      memref.copy %[[NEW]], %[[T]]
func.func @train_step(%theta: tensor<4xf32> {dale.buffer = "parameters"})
    -> (tensor<4xf32> {dale.buffer = "parameters"}, tensor<4xf32> {dale.buffer = "gradients"}) {
  %0 = call @twice(%theta) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = call @twice(%theta) : (tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}
func.func private @twice(%theta: tensor<4xf32>) -> tensor<4xf32> {
  %0 = dale.stage once ins(%theta : tensor<4xf32>) {
  ^bb0(%t: tensor<4xf32>):
    %sum = arith.addf %t, %t : tensor<4xf32>
    dale.yield %sum : tensor<4xf32>
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// ... and bufferization keeps what is read behind it in the stage.
// BUFFERS-LABEL: func.func private @reversed(
// BUFFERS-SAME: %[[T:[a-z0-9]+]]: memref<4x4xf32>
// BUFFERS:      %[[NEW:.*]] = memref.alloc
// BUFFERS:      linalg.generic {{.*}} outs(%[[NEW]] :
// BUFFERS:      linalg.transpose ins(%[[T]] :
// BUFFERS:      memref.copy %[[NEW]], %[[T]]
func.func @train_step(%theta: tensor<4x4xf32> {dale.buffer = "parameters"})
    -> (tensor<4x4xf32> {dale.buffer = "parameters"}, tensor<4x4xf32> {dale.buffer = "gradients"}) {
  %0:2 = call @reversed(%theta) : (tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>)
  return %0#0, %0#1 : tensor<4x4xf32>, tensor<4x4xf32>
}
func.func private @reversed(%theta: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %0:2 = dale.stage once ins(%theta : tensor<4x4xf32>) {
  ^bb0(%t: tensor<4x4xf32>):
    %sum = arith.addf %t, %t : tensor<4x4xf32>
    %empty = tensor.empty() : tensor<4x4xf32>
    %turned = linalg.transpose ins(%t : tensor<4x4xf32>) outs(%empty : tensor<4x4xf32>) permutation = [1, 0]
    dale.yield %sum, %turned : tensor<4x4xf32>, tensor<4x4xf32>
  } -> tensor<4x4xf32>, tensor<4x4xf32>
  return %0#0, %0#1 : tensor<4x4xf32>, tensor<4x4xf32>
}
