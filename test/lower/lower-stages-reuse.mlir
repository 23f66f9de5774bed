// What a stage stores takes the place of what nobody needs behind it.
// RUN: dale-opt %s --dale-lower-stages="chunks=8 reuse-inputs" --canonicalize --cse | FileCheck %s
// RUN: dale-opt %s --dale-lower-stages=chunks=8 --canonicalize --cse | FileCheck %s --check-prefix=APART
// RUN: dale-opt %s --dale-lower-stages="chunks=8 reuse-inputs apart=64" --canonicalize --cse \
// RUN:   | FileCheck %s --check-prefix=SHIFTED

// Where %z is computed %y lives, too: %z is stored where %y was. %small is not as
// large.
// CHECK-LABEL: func.func @dale_evaluate(
// CHECK-SAME: per_image = 128 : i64
// CHECK:      call @both(%{{.*}}, %[[Y:.*]], %{{.*}}, %{{.*}}) :
// CHECK:      call @double(%[[Y]], %[[Y]],
// APART-LABEL: func.func @dale_evaluate(
// APART-SAME: per_image = 192 : i64
// APART:      call @both(%{{.*}}, %[[Y:.*]], %{{.*}}, %{{.*}}) :
// APART-NOT:  call @double(%[[Y]], %[[Y]],
// APART-NOT:  dale.last

// %small is behind %y, and shifted by a line against it. Behind both, the fixed
// part is as much larger.
// SHIFTED-LABEL: func.func @dale_evaluate(
// SHIFTED-SAME: %[[WORKSPACE:[a-z0-9]+]]: memref<?xi8>) attributes {
// SHIFTED-SAME: dale.workspace = {fixed = 128 : i64, per_image = 128 : i64}
// SHIFTED:      %[[IMAGES:.*]] = arith.index_cast
// SHIFTED:      %[[Y:.*]] = memref.view %[[WORKSPACE]][%c0][%[[IMAGES]]] : memref<?xi8> to memref<?x16xf32>
// SHIFTED-NEXT: %[[BEHIND:.*]] = arith.muli %[[IMAGES]], %c64
// SHIFTED-NEXT: %[[SHIFTED:.*]] = arith.addi %[[BEHIND]], %c64
// SHIFTED-NEXT: %[[SMALL:.*]] = memref.view %[[WORKSPACE]][%[[SHIFTED]]][%[[IMAGES]]] : memref<?xi8> to memref<?x4xf32>
// SHIFTED-NEXT: call @both(%{{.*}}, %[[Y]], %[[SMALL]],
func.func @evaluate(%theta: tensor<16xf32> {dale.buffer = "parameters"},
                    %x: tensor<?x16xf32> {dale.buffer = "images"})
    -> (tensor<?x4xf32> {dale.buffer = "logits"}) {
  %y, %small = call @both(%x) : (tensor<?x16xf32>) -> (tensor<?x16xf32>, tensor<?x4xf32>)
  %z = call @double(%y) : (tensor<?x16xf32>) -> tensor<?x16xf32>
  %logits = call @last(%z, %small) : (tensor<?x16xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %logits : tensor<?x4xf32>
}

// Of an image that happens when all of it has been read.
// CHECK-LABEL: func.func private @both(
// CHECK-NOT:  dale.last
// CHECK-LABEL: func.func private @double(
// CHECK:      scf.for
// CHECK:        arith.addf
// CHECK:        bufferization.materialize_in_destination %{{.*}} in restrict writable %{{.*}} {dale.last}
// CHECK-NEXT: }
func.func private @both(%x: tensor<?x16xf32>) -> (tensor<?x16xf32>, tensor<?x4xf32>) {
  %0:2 = dale.stage ins(%x : tensor<?x16xf32>) {
  ^bb0(%a: tensor<1x16xf32>):
    %1 = arith.mulf %a, %a : tensor<1x16xf32>
    %2 = tensor.extract_slice %a[0, 0] [1, 4] [1, 1] : tensor<1x16xf32> to tensor<1x4xf32>
    dale.yield %1, %2 : tensor<1x16xf32>, tensor<1x4xf32>
  } -> tensor<?x16xf32>, tensor<?x4xf32>
  return %0#0, %0#1 : tensor<?x16xf32>, tensor<?x4xf32>
}
func.func private @double(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %0 = dale.stage ins(%x : tensor<?x16xf32>) {
  ^bb0(%a: tensor<1x16xf32>):
    %1 = arith.addf %a, %a : tensor<1x16xf32>
    dale.yield %1 : tensor<1x16xf32>
  } -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}
func.func private @last(%x: tensor<?x16xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = dale.stage ins(%x, %y : tensor<?x16xf32>, tensor<?x4xf32>) {
  ^bb0(%a: tensor<1x16xf32>, %b: tensor<1x4xf32>):
    %1 = tensor.extract_slice %a[0, 0] [1, 4] [1, 1] : tensor<1x16xf32> to tensor<1x4xf32>
    %2 = arith.addf %1, %b : tensor<1x4xf32>
    dale.yield %2 : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
