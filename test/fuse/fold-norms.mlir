// A factor of each channel goes into the kernels before it. That a broadcast has its
// size from a map is no need of that map.
// RUN: dale-opt %s --dale-fold-norms --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @conv(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4x4x2xf32>, %[[W:[a-z0-9]+]]: tensor<3x3x2x8xf32>, %[[A:[a-z0-9]+]]: tensor<8xf32>
// CHECK-NEXT: %[[FACTORS:.*]] = dale.broadcast %[[A]] along [0, 1, 2] : tensor<8xf32> -> tensor<3x3x2x8xf32>
// CHECK-NEXT: %[[V:.*]] = arith.mulf %[[W]], %[[FACTORS]]
// CHECK-NEXT: %[[Y:.*]] = dale.conv %[[X]], %[[V]] padding [1, 1, 1, 1]
// CHECK-NEXT: return %[[Y]]
func.func @conv(%x: tensor<?x4x4x2xf32>, %w: tensor<3x3x2x8xf32>, %a: tensor<8xf32>) -> tensor<?x4x4x8xf32> {
  %0 = dale.conv %x, %w padding [1, 1, 1, 1] : tensor<?x4x4x2xf32>, tensor<3x3x2x8xf32> -> tensor<?x4x4x8xf32>
  %1 = dale.broadcast %a along [0, 1, 2] like %0 : tensor<8xf32>, tensor<?x4x4x8xf32> -> tensor<?x4x4x8xf32>
  %2 = arith.mulf %0, %1 : tensor<?x4x4x8xf32>
  return %2 : tensor<?x4x4x8xf32>
}

// So it does through sums, into accumulators and biases.
// CHECK-LABEL: func.func @sums(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4x4x2xf32>, %[[V:[a-z0-9]+]]: tensor<2x8xf32>, %[[W:[a-z0-9]+]]: tensor<2x8xf32>, %[[B:[a-z0-9]+]]: tensor<8xf32>, %[[A:[a-z0-9]+]]: tensor<8xf32>
// CHECK-DAG:  %[[BIAS:.*]] = arith.mulf %[[B]], %[[A]] : tensor<8xf32>
// CHECK-DAG:  %[[ALL:.*]] = dale.broadcast %[[BIAS]] along [0, 1, 2]
// CHECK-DAG:  %[[FACTORS:.*]] = dale.broadcast %[[A]] along [0]
// CHECK-DAG:  %[[V2:.*]] = arith.mulf %[[V]], %[[FACTORS]]
// CHECK-DAG:  %[[W2:.*]] = arith.mulf %[[W]], %[[FACTORS]]
// CHECK-DAG:  %[[FIRST:.*]] = dale.pointwise_conv %[[X]], %[[V2]]
// CHECK-DAG:  %[[BOTH:.*]] = dale.pointwise_conv %[[X]], %[[W2]] acc %[[FIRST]]
// CHECK:      %[[Y:.*]] = arith.subf %[[BOTH]], %[[ALL]]
// CHECK-NEXT: return %[[Y]]
func.func @sums(%x: tensor<?x4x4x2xf32>, %v: tensor<2x8xf32>, %w: tensor<2x8xf32>, %b: tensor<8xf32>,
                %a: tensor<8xf32>) -> tensor<?x4x4x8xf32> {
  %0 = dale.pointwise_conv %x, %v : tensor<?x4x4x2xf32>, tensor<2x8xf32> -> tensor<?x4x4x8xf32>
  %1 = dale.pointwise_conv %x, %w acc %0 : tensor<?x4x4x2xf32>, tensor<2x8xf32>, tensor<?x4x4x8xf32> -> tensor<?x4x4x8xf32>
  %2 = dale.broadcast %b along [0, 1, 2] like %x : tensor<8xf32>, tensor<?x4x4x2xf32> -> tensor<?x4x4x8xf32>
  %3 = arith.subf %1, %2 : tensor<?x4x4x8xf32>
  %4 = dale.broadcast %a along [0, 1, 2] like %x : tensor<8xf32>, tensor<?x4x4x2xf32> -> tensor<?x4x4x8xf32>
  %5 = arith.mulf %4, %3 : tensor<?x4x4x8xf32>
  return %5 : tensor<?x4x4x8xf32>
}

// What something else needs too, as statistics do, stays as it is; so does what is
// not linear.
// CHECK-LABEL: func.func @statistics(
// CHECK:      %[[Y:.*]] = dale.conv
// CHECK:      dale.reduce %[[Y]]
// CHECK:      arith.mulf %[[Y]]
// CHECK:      arith.maximumf
// CHECK:      arith.mulf
func.func @statistics(%x: tensor<?x4x4x2xf32>, %w: tensor<3x3x2x8xf32>, %a: tensor<8xf32>)
    -> (tensor<?x4x4x8xf32>, tensor<?x4x4x8xf32>, tensor<8xf32>) {
  %0 = dale.conv %x, %w padding [1, 1, 1, 1] : tensor<?x4x4x2xf32>, tensor<3x3x2x8xf32> -> tensor<?x4x4x8xf32>
  %1 = dale.reduce %0 over [0, 1, 2] : tensor<?x4x4x8xf32> -> tensor<8xf32>
  %2 = dale.broadcast %a along [0, 1, 2] like %x : tensor<8xf32>, tensor<?x4x4x2xf32> -> tensor<?x4x4x8xf32>
  %3 = arith.mulf %0, %2 : tensor<?x4x4x8xf32>
  %4 = arith.maximumf %3, %2 : tensor<?x4x4x8xf32>
  %5 = arith.mulf %4, %2 : tensor<?x4x4x8xf32>
  return %3, %5, %1 : tensor<?x4x4x8xf32>, tensor<?x4x4x8xf32>, tensor<8xf32>
}

// A map that is input and accumulator is scaled as accumulator alone: the input's
// share has its factors in the kernel.
// CHECK-LABEL: func.func @input_and_accumulator(
// CHECK-SAME:  %[[X:[a-z0-9]+]]: tensor<?x4x4x2xf32>, %[[C:[a-z0-9]+]]: tensor<2xf32>,
// CHECK:       %[[B:.*]] = dale.broadcast %[[C]] along [0, 1, 2] like %[[X]]
// CHECK:       %[[SCALED:.*]] = arith.mulf %[[C]], %{{.*}} : tensor<2xf32>
// CHECK:       %[[ACC:.*]] = dale.broadcast %[[SCALED]] along [0, 1, 2] like %[[X]]
// CHECK:       dale.pointwise_conv %[[B]], %{{.*}} acc %[[ACC]]
func.func @input_and_accumulator(%x: tensor<?x4x4x2xf32>, %c: tensor<2xf32>, %w: tensor<2x2xf32>,
    %s: tensor<2xf32>) -> tensor<?x4x4x2xf32> {
  %b = dale.broadcast %c along [0, 1, 2] like %x
      : tensor<2xf32>, tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
  %y = dale.pointwise_conv %b, %w acc %b
      : tensor<?x4x4x2xf32>, tensor<2x2xf32>, tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
  %f = dale.broadcast %s along [0, 1, 2] like %x
      : tensor<2xf32>, tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
  %z = arith.mulf %y, %f : tensor<?x4x4x2xf32>
  return %z : tensor<?x4x4x2xf32>
}
