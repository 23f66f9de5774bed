// Every tensor op, as it is read and printed.
// RUN: dale-opt %s | dale-opt | FileCheck %s
// RUN: dale-opt %s --mlir-print-op-generic | dale-opt | FileCheck %s
// RUN: dale-opt %s | FileCheck %s --check-prefix=SPACE --strict-whitespace

// CHECK: dale.variable @weight parameter at 0 : tensor<3x3x3x16xf32> init #dale.glorot_uniform<27, 144>
// CHECK: dale.variable @scale parameter at 432 : tensor<4x16xf32> init #dale.constant<1.000000e+00 : f64>
// CHECK: dale.variable @mean average at 0 : tensor<16xf64> init #dale.truncated_normal<25>
// SPACE: {{^}}  dale.variable @weight parameter at 0
dale.variable @weight parameter at 0 : tensor<3x3x3x16xf32> init #dale.glorot_uniform<27, 144>
dale.variable @scale parameter at 432 : tensor<4x16xf32> init #dale.constant<1.0>
dale.variable @mean average at 0 : tensor<16xf64> init #dale.truncated_normal<25>

// CHECK-LABEL: func.func @variables
func.func @variables(%theta: tensor<496xf32>) -> tensor<496xf32> {
  // CHECK-NEXT: dale.read @weight of %{{.*}} : tensor<496xf32> -> tensor<3x3x3x16xf32>
  %weight = dale.read @weight of %theta : tensor<496xf32> -> tensor<3x3x3x16xf32>
  // CHECK-NEXT: dale.read @scale[2] of %{{.*}} : tensor<496xf32> -> tensor<16xf32>
  %scale = dale.read @scale[2] of %theta : tensor<496xf32> -> tensor<16xf32>
  // CHECK-NEXT: dale.pack %{{.*}}, %{{.*}} : tensor<3x3x3x16xf32>, tensor<16xf32> as [@weight, @scale] rows [-1, 2] -> tensor<496xf32>
  %some = dale.pack %weight, %scale : tensor<3x3x3x16xf32>, tensor<16xf32>
      as [@weight, @scale] rows [-1, 2] -> tensor<496xf32>
  // CHECK-NEXT: dale.pack [] rows [] -> tensor<496xf32>
  %none = dale.pack [] rows [] -> tensor<496xf32>
  return %none : tensor<496xf32>
}

// CHECK-LABEL: func.func @convolutions
func.func @convolutions(%x: tensor<?x8x8x3xf32>, %w: tensor<3x3x3x16xf32>,
                        %dy: tensor<?x4x4x16xf32>) {
  // CHECK-NEXT: dale.conv %{{.*}}, %{{.*}} padding [1, 1, 1, 1] : tensor<?x8x8x3xf32>, tensor<3x3x3x16xf32> -> tensor<?x8x8x16xf32>
  %0 = dale.conv %x, %w padding [1, 1, 1, 1]
      : tensor<?x8x8x3xf32>, tensor<3x3x3x16xf32> -> tensor<?x8x8x16xf32>
  // CHECK-NEXT: dale.conv %{{.*}}, %{{.*}} padding [0, 1, 0, 1] {stride = 2 : i64} : tensor<?x8x8x3xf32>, tensor<3x3x3x16xf32> -> tensor<?x4x4x16xf32>
  %1 = dale.conv %x, %w padding [0, 1, 0, 1] {stride = 2 : i64}
      : tensor<?x8x8x3xf32>, tensor<3x3x3x16xf32> -> tensor<?x4x4x16xf32>
  // CHECK-NEXT: dale.conv_input_grad %{{.*}}, %{{.*}} padding [0, 1, 0, 1] {stride = 2 : i64} : tensor<?x4x4x16xf32>, tensor<3x3x3x16xf32> -> tensor<?x8x8x3xf32>
  %2 = dale.conv_input_grad %dy, %w padding [0, 1, 0, 1] {stride = 2 : i64}
      : tensor<?x4x4x16xf32>, tensor<3x3x3x16xf32> -> tensor<?x8x8x3xf32>
  // CHECK-NEXT: %[[DW:.*]] = dale.conv_filter_grad %{{.*}}, %{{.*}} padding [0, 1, 0, 1] {stride = 2 : i64} : tensor<?x8x8x3xf32>, tensor<?x4x4x16xf32> -> tensor<3x3x3x16xf32>
  %3 = dale.conv_filter_grad %x, %dy padding [0, 1, 0, 1] {stride = 2 : i64}
      : tensor<?x8x8x3xf32>, tensor<?x4x4x16xf32> -> tensor<3x3x3x16xf32>
  // CHECK-NEXT: dale.conv_filter_grad %{{.*}}, %{{.*}} acc %[[DW]] padding [0, 1, 0, 1] {stride = 2 : i64} : tensor<?x8x8x3xf32>, tensor<?x4x4x16xf32>, tensor<3x3x3x16xf32> -> tensor<3x3x3x16xf32>
  %4 = dale.conv_filter_grad %x, %dy acc %3 padding [0, 1, 0, 1] {stride = 2 : i64}
      : tensor<?x8x8x3xf32>, tensor<?x4x4x16xf32>, tensor<3x3x3x16xf32>
      -> tensor<3x3x3x16xf32>
  // CHECK-NEXT: dale.turn %{{.*}} : tensor<3x3x3x16xf32> -> tensor<3x3x16x3xf32>
  %5 = dale.turn %w : tensor<3x3x3x16xf32> -> tensor<3x3x16x3xf32>
  return
}

// CHECK-LABEL: func.func @separable
func.func @separable(%x: tensor<?x8x8x4xf32>, %d: tensor<3x5x4xf32>,
                     %p: tensor<4x6xf32>, %a: tensor<?x8x8x6xf32>) {
  // CHECK-NEXT: dale.depthwise_conv %{{.*}}, %{{.*}} padding [1, 1, 2, 2] : tensor<?x8x8x4xf32>, tensor<3x5x4xf32> -> tensor<?x8x8x4xf32>
  %0 = dale.depthwise_conv %x, %d padding [1, 1, 2, 2]
      : tensor<?x8x8x4xf32>, tensor<3x5x4xf32> -> tensor<?x8x8x4xf32>
  // CHECK-NEXT: %[[DD:.*]] = dale.depthwise_filter_grad %{{.*}}, %{{.*}} padding [1, 1, 2, 2] : tensor<?x8x8x4xf32>, tensor<?x8x8x4xf32> -> tensor<3x5x4xf32>
  %1 = dale.depthwise_filter_grad %x, %0 padding [1, 1, 2, 2]
      : tensor<?x8x8x4xf32>, tensor<?x8x8x4xf32> -> tensor<3x5x4xf32>
  // CHECK-NEXT: dale.depthwise_filter_grad %{{.*}}, %{{.*}} acc %[[DD]] padding [1, 1, 2, 2] : tensor<?x8x8x4xf32>, tensor<?x8x8x4xf32>, tensor<3x5x4xf32> -> tensor<3x5x4xf32>
  %2 = dale.depthwise_filter_grad %x, %0 acc %1 padding [1, 1, 2, 2]
      : tensor<?x8x8x4xf32>, tensor<?x8x8x4xf32>, tensor<3x5x4xf32>
      -> tensor<3x5x4xf32>
  // CHECK-NEXT: %[[Y:.*]] = dale.pointwise_conv %{{.*}}, %{{.*}} : tensor<?x8x8x4xf32>, tensor<4x6xf32> -> tensor<?x8x8x6xf32>
  %3 = dale.pointwise_conv %x, %p
      : tensor<?x8x8x4xf32>, tensor<4x6xf32> -> tensor<?x8x8x6xf32>
  // CHECK-NEXT: dale.pointwise_conv %{{.*}}, %{{.*}} acc %[[Y]] : tensor<?x8x8x4xf32>, tensor<4x6xf32>, tensor<?x8x8x6xf32> -> tensor<?x8x8x6xf32>
  %4 = dale.pointwise_conv %x, %p acc %3
      : tensor<?x8x8x4xf32>, tensor<4x6xf32>, tensor<?x8x8x6xf32>
      -> tensor<?x8x8x6xf32>
  // CHECK-NEXT: %[[DP:.*]] = dale.pointwise_filter_grad %{{.*}}, %{{.*}} : tensor<?x8x8x4xf32>, tensor<?x8x8x6xf32> -> tensor<4x6xf32>
  %5 = dale.pointwise_filter_grad %x, %a
      : tensor<?x8x8x4xf32>, tensor<?x8x8x6xf32> -> tensor<4x6xf32>
  // CHECK-NEXT: dale.pointwise_filter_grad %{{.*}}, %{{.*}} acc %[[DP]] : tensor<?x8x8x4xf32>, tensor<?x8x8x6xf32>, tensor<4x6xf32> -> tensor<4x6xf32>
  %6 = dale.pointwise_filter_grad %x, %a acc %5
      : tensor<?x8x8x4xf32>, tensor<?x8x8x6xf32>, tensor<4x6xf32>
      -> tensor<4x6xf32>
  // CHECK-NEXT: dale.transpose %{{.*}} : tensor<4x6xf32> -> tensor<6x4xf32>
  %7 = dale.transpose %p : tensor<4x6xf32> -> tensor<6x4xf32>
  // CHECK-NEXT: dale.turn %{{.*}} : tensor<3x5x4xf32> -> tensor<3x5x4xf32>
  %8 = dale.turn %d : tensor<3x5x4xf32> -> tensor<3x5x4xf32>
  return
}

// A pointwise convolution of vectors is a dense layer.
// CHECK-LABEL: func.func @dense
func.func @dense(%x: tensor<?x4xf64>, %w: tensor<4x10xf64>) -> tensor<?x10xf64> {
  // CHECK-NEXT: dale.pointwise_conv %{{.*}}, %{{.*}} : tensor<?x4xf64>, tensor<4x10xf64> -> tensor<?x10xf64>
  %0 = dale.pointwise_conv %x, %w : tensor<?x4xf64>, tensor<4x10xf64> -> tensor<?x10xf64>
  return %0 : tensor<?x10xf64>
}

// CHECK-LABEL: func.func @pools
func.func @pools(%x: tensor<?x7x8x4xf32>, %dy: tensor<?x4x4x4xf32>) {
  // CHECK-NEXT: dale.max_pool %{{.*}} size 3 stride 2 : tensor<?x7x8x4xf32> -> tensor<?x4x4x4xf32>
  %0 = dale.max_pool %x size 3 stride 2 : tensor<?x7x8x4xf32> -> tensor<?x4x4x4xf32>
  // CHECK-NEXT: dale.max_pool_grad %{{.*}}, %{{.*}} size 3 stride 2 : tensor<?x7x8x4xf32>, tensor<?x4x4x4xf32> -> tensor<?x7x8x4xf32>
  %1 = dale.max_pool_grad %x, %dy size 3 stride 2
      : tensor<?x7x8x4xf32>, tensor<?x4x4x4xf32> -> tensor<?x7x8x4xf32>
  return
}

// CHECK-LABEL: func.func @sums
func.func @sums(%x: tensor<?x8x8x4xf32>, %b: tensor<4xf32>, %s: f32) {
  // CHECK-NEXT: dale.broadcast %{{.*}} along [0, 1, 2] like %{{.*}} : tensor<4xf32>, tensor<?x8x8x4xf32> -> tensor<?x8x8x4xf32>
  %0 = dale.broadcast %b along [0, 1, 2] like %x
      : tensor<4xf32>, tensor<?x8x8x4xf32> -> tensor<?x8x8x4xf32>
  // CHECK-NEXT: dale.broadcast %{{.*}} along [1] : tensor<4xf32> -> tensor<4x2xf32>
  %1 = dale.broadcast %b along [1] : tensor<4xf32> -> tensor<4x2xf32>
  // CHECK-NEXT: dale.reduce %{{.*}} over [0, 1, 2] : tensor<?x8x8x4xf32> -> tensor<4xf32>
  %2 = dale.reduce %x over [0, 1, 2] : tensor<?x8x8x4xf32> -> tensor<4xf32>
  // CHECK-NEXT: dale.reduce %{{.*}} acc %{{.*}} over [0, 1, 2] : tensor<?x8x8x4xf32>, tensor<4xf32> -> tensor<4xf32>
  %3 = dale.reduce %x acc %2 over [0, 1, 2]
      : tensor<?x8x8x4xf32>, tensor<4xf32> -> tensor<4xf32>
  // CHECK-NEXT: dale.where %{{.*}} exceeds %{{.*}} then %{{.*}} else %{{.*}} : tensor<?x8x8x4xf32>
  %where = dale.where %x exceeds %x then %x else %x : tensor<?x8x8x4xf32>
  // CHECK-NEXT: dale.sigmoid %{{.*}} : tensor<?x8x8x4xf32>
  %4 = dale.sigmoid %x : tensor<?x8x8x4xf32>
  // CHECK-NEXT: dale.softplus %{{.*}} : tensor<?x8x8x4xf32>
  %softplus = dale.softplus %x : tensor<?x8x8x4xf32>
  // CHECK-NEXT: dale.spread %{{.*}} at 1, 0 stride 2 : tensor<?x8x8x4xf32> -> tensor<?x17x16x4xf32>
  %spread = dale.spread %x at 1, 0 stride 2 : tensor<?x8x8x4xf32> -> tensor<?x17x16x4xf32>
  // CHECK-NEXT: dale.sample %{{.*}} at 1, 0 stride 2 : tensor<?x17x16x4xf32> -> tensor<?x8x8x4xf32>
  %sample = dale.sample %spread at 1, 0 stride 2 : tensor<?x17x16x4xf32> -> tensor<?x8x8x4xf32>
  // CHECK-NEXT: dale.join %{{.*}}, %{{.*}} : tensor<?x8x8x4xf32>, tensor<?x8x8x4xf32> -> tensor<?x8x8x8xf32>
  %join = dale.join %x, %sample : tensor<?x8x8x4xf32>, tensor<?x8x8x4xf32> -> tensor<?x8x8x8xf32>
  // CHECK-NEXT: dale.channels %{{.*}} from 3 : tensor<?x8x8x8xf32> -> tensor<?x8x8x4xf32>
  %channels = dale.channels %join from 3 : tensor<?x8x8x8xf32> -> tensor<?x8x8x4xf32>
  return
}

// CHECK-LABEL: func.func @norms
func.func @norms(%x: tensor<?x8x8x4xf32>, %s: tensor<4xf32>, %n: tensor<f32>) {
  // CHECK-NEXT: %{{.*}}, %[[M:.*]], %[[V:.*]] = dale.batch_norm %{{.*}}, %{{.*}}, %{{.*}} count %{{.*}} epsilon 1.000000e-05 : tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<f32>
  %y, %m, %v = dale.batch_norm %x, %s, %s count %n epsilon 1.0e-5
      : tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<f32>
  // CHECK-NEXT: dale.batch_norm_grad %{{.*}}, %{{.*}}, %{{.*}}, %[[M]], %[[V]] count %{{.*}} epsilon 1.000000e-05 : tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<f32>
  %dx, %ds, %do = dale.batch_norm_grad %y, %x, %s, %m, %v count %n epsilon 1.0e-5
      : tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<f32>
  return
}

// CHECK-LABEL: func.func @loss
func.func @loss(%logits: tensor<?x10xf32>, %labels: tensor<?xi32>) {
  // CHECK-NEXT: dale.softmax_cross_entropy %{{.*}}, %{{.*}} : tensor<?x10xf32>, tensor<?xi32> -> tensor<?xf32>
  %0 = dale.softmax_cross_entropy %logits, %labels
      : tensor<?x10xf32>, tensor<?xi32> -> tensor<?xf32>
  // CHECK-NEXT: dale.softmax_cross_entropy_grad %{{.*}}, %{{.*}}, %{{.*}} : tensor<?xf32>, tensor<?x10xf32>, tensor<?xi32> -> tensor<?x10xf32>
  %1 = dale.softmax_cross_entropy_grad %0, %logits, %labels
      : tensor<?xf32>, tensor<?x10xf32>, tensor<?xi32> -> tensor<?x10xf32>
  return
}

// CHECK-LABEL: func.func @images
func.func @images(%bytes: tensor<1x?x8x8x3xi8>, %picks: tensor<?xi32>, %draws: tensor<?x3xi32>) {
  // CHECK-NEXT: dale.crop %{{.*}}[%{{.*}}], %{{.*}} pad 4 : tensor<1x?x8x8x3xi8>, tensor<?xi32>, tensor<?x3xi32> -> tensor<?x8x8x3xf32>
  %0 = dale.crop %bytes[%picks], %draws pad 4
      : tensor<1x?x8x8x3xi8>, tensor<?xi32>, tensor<?x3xi32> -> tensor<?x8x8x3xf32>
  // CHECK-NEXT: dale.standardize %{{.*}} : tensor<?x8x8x3xf32>
  %1 = dale.standardize %0 : tensor<?x8x8x3xf32>
  return
}

// A stage over images sees one image; one that runs once, whole tensors.
// CHECK-LABEL: func.func @stages
func.func @stages(%x: tensor<?x8x8x4xf32>, %w: tensor<4x6xf32>) {
  // CHECK-NEXT: %[[S:.*]]:2 = dale.stage ins(%{{.*}}, %{{.*}} : tensor<?x8x8x4xf32>, tensor<4x6xf32>) {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<1x8x8x4xf32>, %{{.*}}: tensor<4x6xf32>):
  %y, %sum = dale.stage ins(%x, %w : tensor<?x8x8x4xf32>, tensor<4x6xf32>) {
  ^bb0(%x1: tensor<1x8x8x4xf32>, %w1: tensor<4x6xf32>):
    %y1 = dale.pointwise_conv %x1, %w1
        : tensor<1x8x8x4xf32>, tensor<4x6xf32> -> tensor<1x8x8x6xf32>
    %s1 = dale.reduce %y1 over [0, 1, 2] : tensor<1x8x8x6xf32> -> tensor<6xf32>
    // CHECK: dale.yield %{{.*}}, %{{.*}} : tensor<1x8x8x6xf32>, tensor<6xf32>
    dale.yield %y1, %s1 : tensor<1x8x8x6xf32>, tensor<6xf32>
  // CHECK-NEXT: } -> tensor<?x8x8x6xf32>, tensor<6xf32>
  } -> tensor<?x8x8x6xf32>, tensor<6xf32>
  // CHECK-NEXT: dale.stage once ins(%[[S]]#1 : tensor<6xf32>) {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<6xf32>):
  %t = dale.stage once ins(%sum : tensor<6xf32>) {
  ^bb0(%s1: tensor<6xf32>):
    %t1 = arith.addf %s1, %s1 : tensor<6xf32>
    dale.yield %t1 : tensor<6xf32>
  } -> tensor<6xf32>
  // CHECK: dale.stage once {
  // CHECK-NEXT: }
  dale.stage once {
  }
  return
}
