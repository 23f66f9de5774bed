// RUN: dale-opt %s --dale-expand --canonicalize --cse | FileCheck %s

// Feed-forward areas run once: convolution, norm, ReLU, pool. A recurrent area
// reads what the one below computed, pooled, at the same time step.

dale.circuit @areas steps(2) input([7, 8, 3]) {
  dale.area @one channels(4) pool(<size = 3, stride = 2>)
      attributes {kernel = 5 : i64, stride = 2 : i64} {}
  dale.area @two pool(<size = 3, stride = 2>) {
    dale.population @E channels(2) principal
    dale.gate @f on @E memory leak
    dale.projection @input to @E long_range excitatory
  }
  dale.area @three {
    dale.population @F channels(6) principal
    dale.projection @input to @F long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// CHECK-LABEL: func.func @evaluate
// CHECK:      dale.conv %{{.*}} padding [2, 2, 1, 2] {stride = 2 : i64} : tensor<?x7x8x3xf32>, tensor<5x5x3x4xf32> -> tensor<?x4x4x4xf32>
// CHECK:      %[[RELU:.*]] = arith.maximumf
// CHECK-NEXT: %[[POOL:.*]] = dale.max_pool %[[RELU]] size 3 stride 2 : tensor<?x4x4x4xf32> -> tensor<?x2x2x4xf32>
// CHECK-NOT:  dale.conv
// CHECK:      dale.depthwise_conv %[[POOL]]
// CHECK:      %[[E0:.*]] = arith.mulf
// CHECK:      %[[E1:.*]] = arith.addf %{{.*}}, %[[E0]] : tensor<?x2x2x2xf32>
// CHECK-NEXT: %[[P1:.*]] = dale.max_pool %[[E1]] size 3 stride 2 : tensor<?x2x2x2xf32> -> tensor<?x1x1x2xf32>
// CHECK:      dale.depthwise_conv %[[P1]]
// CHECK:      %[[F1:.*]] = arith.maximumf
// CHECK-NEXT: dale.reduce %[[F1]]
