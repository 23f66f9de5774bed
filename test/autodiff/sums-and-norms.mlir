// Derivatives of packs, pools, sums, norms and the loss. %g is the cotangent of %y.
// RUN: dale-opt %s --dale-autodiff --canonicalize --split-input-file | FileCheck %s

// The cotangents of what is packed are read from where it stands.
// CHECK-LABEL: module @pack {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<12xf32>,
// CHECK:      dale.reduce
// CHECK-NEXT: %[[ROW:.*]] = dale.read @s[1] of %[[G]] : tensor<12xf32> -> tensor<4xf32>
// CHECK-NEXT: %[[WHOLE:.*]] = dale.read @b of %[[G]] : tensor<12xf32> -> tensor<4xf32>
// CHECK-NEXT: %[[DB:.*]] = arith.addf %[[ROW]], %[[WHOLE]]
// CHECK-NEXT: dale.pack %[[DB]] : {{.*}} as [@b]
module @pack {
  dale.variable @s parameter at 0 : tensor<2x4xf32> init #dale.constant<0.0>
  dale.variable @b parameter at 8 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<12xf32>, %g: tensor<12xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %s = dale.read @s of %theta : tensor<12xf32> -> tensor<2x4xf32>
    %b = dale.read @b of %theta : tensor<12xf32> -> tensor<4xf32>
    %y = dale.pack %b, %b : tensor<4xf32>, tensor<4xf32> as [@s, @b] rows [1, -1]
        -> tensor<12xf32>
    %weighted = arith.mulf %y, %g : tensor<12xf32>
    %loss = dale.reduce %weighted over [0] : tensor<12xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @max_pool {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<1x4x4x4xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK:      %[[DX:.*]] = dale.max_pool_grad %[[X]], %[[G]] size 3 stride 2
// CHECK-NEXT: dale.pack %[[DX]]
module @max_pool {
  dale.variable @x parameter at 0 : tensor<1x8x8x4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<256xf32>, %g: tensor<1x4x4x4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<256xf32> -> tensor<1x8x8x4xf32>
    %y = dale.max_pool %x size 3 stride 2 : tensor<1x8x8x4xf32> -> tensor<1x4x4x4xf32>
    %weighted = arith.mulf %y, %g : tensor<1x4x4x4xf32>
    %loss = dale.reduce %weighted over [0, 1, 2, 3] : tensor<1x4x4x4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @broadcast {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<2x3x4xf32>,
// CHECK:      dale.reduce %{{.*}} over [0, 1, 2]
// CHECK-NEXT: %[[DB:.*]] = dale.reduce %[[G]] over [0, 1] : tensor<2x3x4xf32> -> tensor<4xf32>
// CHECK-NEXT: dale.pack %[[DB]]
module @broadcast {
  dale.variable @b parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<4xf32>, %g: tensor<2x3x4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %b = dale.read @b of %theta : tensor<4xf32> -> tensor<4xf32>
    %y = dale.broadcast %b along [0, 1] : tensor<4xf32> -> tensor<2x3x4xf32>
    %weighted = arith.mulf %y, %g : tensor<2x3x4xf32>
    %loss = dale.reduce %weighted over [0, 1, 2] : tensor<2x3x4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @reduce {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      dale.reduce %{{.*}} over [0] :
// CHECK-NEXT: %[[DX:.*]] = dale.broadcast %[[G]] along [0, 1] : tensor<4xf32> -> tensor<2x3x4xf32>
// CHECK-NEXT: dale.pack %[[G]], %[[DX]] : {{.*}} as [@a, @x]
module @reduce {
  dale.variable @x parameter at 0 : tensor<2x3x4xf32> init #dale.constant<0.0>
  dale.variable @a parameter at 24 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<28xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<28xf32> -> tensor<2x3x4xf32>
    %a = dale.read @a of %theta : tensor<28xf32> -> tensor<4xf32>
    %y = dale.reduce %x acc %a over [0, 1]
        : tensor<2x3x4xf32>, tensor<4xf32> -> tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// The statistics are constants.
// CHECK-LABEL: module @batch_norm {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<8x4xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK-NEXT: %[[S:.*]] = dale.read @s
// CHECK:      %{{.*}}, %[[M:.*]], %[[V:.*]] = dale.batch_norm
// CHECK:      %[[DX:.*]], %[[DS:.*]], %[[DO:.*]] = dale.batch_norm_grad %[[G]], %[[X]], %[[S]], %[[M]], %[[V]] count %{{.*}} epsilon 1.000000e-05
// CHECK-NEXT: dale.pack %[[DS]], %[[DO]], %[[DX]] : {{.*}} as [@s, @o, @x]
module @batch_norm {
  dale.variable @x parameter at 0 : tensor<8x4xf32> init #dale.constant<0.0>
  dale.variable @s parameter at 32 : tensor<4xf32> init #dale.constant<0.0>
  dale.variable @o parameter at 36 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<40xf32>, %n: tensor<f32>, %g: tensor<8x4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<40xf32> -> tensor<8x4xf32>
    %s = dale.read @s of %theta : tensor<40xf32> -> tensor<4xf32>
    %o = dale.read @o of %theta : tensor<40xf32> -> tensor<4xf32>
    %y, %mean, %variance = dale.batch_norm %x, %s, %o count %n epsilon 1.0e-5
        : tensor<8x4xf32>, tensor<4xf32>, tensor<f32>
    %weighted = arith.mulf %y, %g : tensor<8x4xf32>
    %loss = dale.reduce %weighted over [0, 1] : tensor<8x4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @softmax_cross_entropy {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<8xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK:      %[[DX:.*]] = dale.softmax_cross_entropy_grad %[[G]], %[[X]], %{{.*}} : tensor<8xf32>, tensor<8x10xf32>, tensor<8xi32>
// CHECK-NEXT: dale.pack %[[DX]]
module @softmax_cross_entropy {
  dale.variable @x parameter at 0 : tensor<8x10xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<80xf32>, %labels: tensor<8xi32>, %g: tensor<8xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<80xf32> -> tensor<8x10xf32>
    %y = dale.softmax_cross_entropy %x, %labels
        : tensor<8x10xf32>, tensor<8xi32> -> tensor<8xf32>
    %weighted = arith.mulf %y, %g : tensor<8xf32>
    %loss = dale.reduce %weighted over [0] : tensor<8xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}
