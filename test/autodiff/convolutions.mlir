// Derivatives of convolutions. %g is the cotangent of %y.
// RUN: dale-opt %s --dale-autodiff --canonicalize --split-input-file | FileCheck %s

// The input's cotangent is a convolution with the turned kernel, padded by what
// the kernel reaches over less the padding.
// CHECK-LABEL: module @conv {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<1x7x7x6xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK-NEXT: %[[W:.*]] = dale.read @w
// CHECK:      %[[TURNED:.*]] = dale.turn %[[W]] : tensor<3x5x4x6xf32> -> tensor<3x5x6x4xf32>
// CHECK-NEXT: %[[DX:.*]] = dale.conv %[[G]], %[[TURNED]] padding [1, 2, 2, 3] : tensor<1x7x7x6xf32>, tensor<3x5x6x4xf32> -> tensor<1x8x8x4xf32>
// CHECK-NEXT: %[[DW:.*]] = dale.conv_filter_grad %[[X]], %[[G]] padding [1, 0, 2, 1] : tensor<1x8x8x4xf32>, tensor<1x7x7x6xf32> -> tensor<3x5x4x6xf32>
// CHECK-NEXT: dale.pack %[[DW]], %[[DX]] : {{.*}} as [@w, @x]
module @conv {
  dale.variable @x parameter at 0 : tensor<1x8x8x4xf32> init #dale.constant<0.0>
  dale.variable @w parameter at 256 : tensor<3x5x4x6xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<616xf32>, %g: tensor<1x7x7x6xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<616xf32> -> tensor<1x8x8x4xf32>
    %w = dale.read @w of %theta : tensor<616xf32> -> tensor<3x5x4x6xf32>
    %y = dale.conv %x, %w padding [1, 0, 2, 1]
        : tensor<1x8x8x4xf32>, tensor<3x5x4x6xf32> -> tensor<1x7x7x6xf32>
    %weighted = arith.mulf %y, %g : tensor<1x7x7x6xf32>
    %loss = dale.reduce %weighted over [0, 1, 2, 3] : tensor<1x7x7x6xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// With a stride there is no such convolution.
// CHECK-LABEL: module @strided_conv {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<1x4x4x6xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK-NEXT: %[[W:.*]] = dale.read @w
// CHECK:      %[[DX:.*]] = dale.conv_input_grad %[[G]], %[[W]] padding [0, 1, 0, 1] {stride = 2 : i64}
// CHECK-NEXT: %[[DW:.*]] = dale.conv_filter_grad %[[X]], %[[G]] padding [0, 1, 0, 1] {stride = 2 : i64}
// CHECK-NEXT: dale.pack %[[DW]], %[[DX]] : {{.*}} as [@w, @x]
module @strided_conv {
  dale.variable @x parameter at 0 : tensor<1x8x8x4xf32> init #dale.constant<0.0>
  dale.variable @w parameter at 256 : tensor<3x3x4x6xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<472xf32>, %g: tensor<1x4x4x6xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<472xf32> -> tensor<1x8x8x4xf32>
    %w = dale.read @w of %theta : tensor<472xf32> -> tensor<3x3x4x6xf32>
    %y = dale.conv %x, %w padding [0, 1, 0, 1] {stride = 2}
        : tensor<1x8x8x4xf32>, tensor<3x3x4x6xf32> -> tensor<1x4x4x6xf32>
    %weighted = arith.mulf %y, %g : tensor<1x4x4x6xf32>
    %loss = dale.reduce %weighted over [0, 1, 2, 3] : tensor<1x4x4x6xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// Linear in the cotangent and in the kernel: the derivative of the derivative is
// the convolution.
// CHECK-LABEL: module @conv_input_grad {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<1x8x8x4xf32>,
// CHECK:      %[[DY:.*]] = dale.read @dy
// CHECK-NEXT: %[[W:.*]] = dale.read @w
// CHECK:      %[[DDY:.*]] = dale.conv %[[G]], %[[W]] padding [0, 1, 0, 1] {stride = 2 : i64}
// CHECK-NEXT: %[[DW:.*]] = dale.conv_filter_grad %[[G]], %[[DY]] padding [0, 1, 0, 1] {stride = 2 : i64}
// CHECK-NEXT: dale.pack %[[DW]], %[[DDY]] : {{.*}} as [@w, @dy]
module @conv_input_grad {
  dale.variable @dy parameter at 0 : tensor<1x4x4x6xf32> init #dale.constant<0.0>
  dale.variable @w parameter at 96 : tensor<3x3x4x6xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<312xf32>, %g: tensor<1x8x8x4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %dy = dale.read @dy of %theta : tensor<312xf32> -> tensor<1x4x4x6xf32>
    %w = dale.read @w of %theta : tensor<312xf32> -> tensor<3x3x4x6xf32>
    %y = dale.conv_input_grad %dy, %w padding [0, 1, 0, 1] {stride = 2}
        : tensor<1x4x4x6xf32>, tensor<3x3x4x6xf32> -> tensor<1x8x8x4xf32>
    %weighted = arith.mulf %y, %g : tensor<1x8x8x4xf32>
    %loss = dale.reduce %weighted over [0, 1, 2, 3] : tensor<1x8x8x4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// An accumulator takes the cotangent as it is.
// CHECK-LABEL: module @conv_filter_grad {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<3x3x4x6xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK-NEXT: %[[DY:.*]] = dale.read @dy
// CHECK:      %[[DX:.*]] = dale.conv_input_grad %[[DY]], %[[G]] padding [0, 1, 0, 1] {stride = 2 : i64}
// CHECK-NEXT: %[[DDY:.*]] = dale.conv %[[X]], %[[G]] padding [0, 1, 0, 1] {stride = 2 : i64}
// CHECK-NEXT: dale.pack %[[DDY]], %[[G]], %[[DX]] : {{.*}} as [@dy, @a, @x]
module @conv_filter_grad {
  dale.variable @x parameter at 0 : tensor<1x8x8x4xf32> init #dale.constant<0.0>
  dale.variable @dy parameter at 256 : tensor<1x4x4x6xf32> init #dale.constant<0.0>
  dale.variable @a parameter at 352 : tensor<3x3x4x6xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<568xf32>, %g: tensor<3x3x4x6xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<568xf32> -> tensor<1x8x8x4xf32>
    %dy = dale.read @dy of %theta : tensor<568xf32> -> tensor<1x4x4x6xf32>
    %a = dale.read @a of %theta : tensor<568xf32> -> tensor<3x3x4x6xf32>
    %y = dale.conv_filter_grad %x, %dy acc %a padding [0, 1, 0, 1] {stride = 2}
        : tensor<1x8x8x4xf32>, tensor<1x4x4x6xf32>, tensor<3x3x4x6xf32> -> tensor<3x3x4x6xf32>
    %weighted = arith.mulf %y, %g : tensor<3x3x4x6xf32>
    %loss = dale.reduce %weighted over [0, 1, 2, 3] : tensor<3x3x4x6xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// A depthwise kernel is turned too; its channels stay.
// CHECK-LABEL: module @depthwise_conv {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<1x7x7x4xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK-NEXT: %[[W:.*]] = dale.read @w
// CHECK:      %[[TURNED:.*]] = dale.turn %[[W]] : tensor<3x5x4xf32> -> tensor<3x5x4xf32>
// CHECK-NEXT: %[[DX:.*]] = dale.depthwise_conv %[[G]], %[[TURNED]] padding [1, 2, 2, 3] : tensor<1x7x7x4xf32>, tensor<3x5x4xf32> -> tensor<1x8x8x4xf32>
// CHECK-NEXT: %[[DW:.*]] = dale.depthwise_filter_grad %[[X]], %[[G]] padding [1, 0, 2, 1]
// CHECK-NEXT: dale.pack %[[DW]], %[[DX]] : {{.*}} as [@w, @x]
module @depthwise_conv {
  dale.variable @x parameter at 0 : tensor<1x8x8x4xf32> init #dale.constant<0.0>
  dale.variable @w parameter at 256 : tensor<3x5x4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<316xf32>, %g: tensor<1x7x7x4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<316xf32> -> tensor<1x8x8x4xf32>
    %w = dale.read @w of %theta : tensor<316xf32> -> tensor<3x5x4xf32>
    %y = dale.depthwise_conv %x, %w padding [1, 0, 2, 1]
        : tensor<1x8x8x4xf32>, tensor<3x5x4xf32> -> tensor<1x7x7x4xf32>
    %weighted = arith.mulf %y, %g : tensor<1x7x7x4xf32>
    %loss = dale.reduce %weighted over [0, 1, 2, 3] : tensor<1x7x7x4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @depthwise_filter_grad {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<3x5x4xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK-NEXT: %[[DY:.*]] = dale.read @dy
// CHECK:      %[[TURNED:.*]] = dale.turn %[[G]]
// CHECK-NEXT: %[[DX:.*]] = dale.depthwise_conv %[[DY]], %[[TURNED]] padding [1, 2, 2, 3] : tensor<1x7x7x4xf32>, tensor<3x5x4xf32> -> tensor<1x8x8x4xf32>
// CHECK-NEXT: %[[DDY:.*]] = dale.depthwise_conv %[[X]], %[[G]] padding [1, 0, 2, 1] : tensor<1x8x8x4xf32>, tensor<3x5x4xf32> -> tensor<1x7x7x4xf32>
// CHECK-NEXT: dale.pack %[[DDY]], %[[G]], %[[DX]] : {{.*}} as [@dy, @a, @x]
module @depthwise_filter_grad {
  dale.variable @x parameter at 0 : tensor<1x8x8x4xf32> init #dale.constant<0.0>
  dale.variable @dy parameter at 256 : tensor<1x7x7x4xf32> init #dale.constant<0.0>
  dale.variable @a parameter at 452 : tensor<3x5x4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<512xf32>, %g: tensor<3x5x4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<512xf32> -> tensor<1x8x8x4xf32>
    %dy = dale.read @dy of %theta : tensor<512xf32> -> tensor<1x7x7x4xf32>
    %a = dale.read @a of %theta : tensor<512xf32> -> tensor<3x5x4xf32>
    %y = dale.depthwise_filter_grad %x, %dy acc %a padding [1, 0, 2, 1]
        : tensor<1x8x8x4xf32>, tensor<1x7x7x4xf32>, tensor<3x5x4xf32> -> tensor<3x5x4xf32>
    %weighted = arith.mulf %y, %g : tensor<3x5x4xf32>
    %loss = dale.reduce %weighted over [0, 1, 2] : tensor<3x5x4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @pointwise_conv {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<1x8x8x6xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK-NEXT: %[[W:.*]] = dale.read @w
// CHECK:      %[[T:.*]] = dale.transpose %[[W]] : tensor<4x6xf32> -> tensor<6x4xf32>
// CHECK-NEXT: %[[DX:.*]] = dale.pointwise_conv %[[G]], %[[T]] : tensor<1x8x8x6xf32>, tensor<6x4xf32> -> tensor<1x8x8x4xf32>
// CHECK-NEXT: %[[DW:.*]] = dale.pointwise_filter_grad %[[X]], %[[G]]
// CHECK-NEXT: dale.pack %[[DW]], %[[G]], %[[DX]] : {{.*}} as [@w, @a, @x]
module @pointwise_conv {
  dale.variable @x parameter at 0 : tensor<1x8x8x4xf32> init #dale.constant<0.0>
  dale.variable @w parameter at 256 : tensor<4x6xf32> init #dale.constant<0.0>
  dale.variable @a parameter at 280 : tensor<1x8x8x6xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<664xf32>, %g: tensor<1x8x8x6xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<664xf32> -> tensor<1x8x8x4xf32>
    %w = dale.read @w of %theta : tensor<664xf32> -> tensor<4x6xf32>
    %a = dale.read @a of %theta : tensor<664xf32> -> tensor<1x8x8x6xf32>
    %y = dale.pointwise_conv %x, %w acc %a
        : tensor<1x8x8x4xf32>, tensor<4x6xf32>, tensor<1x8x8x6xf32> -> tensor<1x8x8x6xf32>
    %weighted = arith.mulf %y, %g : tensor<1x8x8x6xf32>
    %loss = dale.reduce %weighted over [0, 1, 2, 3] : tensor<1x8x8x6xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @pointwise_filter_grad {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4x6xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK-NEXT: %[[DY:.*]] = dale.read @dy
// CHECK:      %[[T:.*]] = dale.transpose %[[G]] : tensor<4x6xf32> -> tensor<6x4xf32>
// CHECK-NEXT: %[[DX:.*]] = dale.pointwise_conv %[[DY]], %[[T]]
// CHECK-NEXT: %[[DDY:.*]] = dale.pointwise_conv %[[X]], %[[G]]
// CHECK-NEXT: dale.pack %[[DDY]], %[[G]], %[[DX]] : {{.*}} as [@dy, @a, @x]
module @pointwise_filter_grad {
  dale.variable @x parameter at 0 : tensor<1x8x8x4xf32> init #dale.constant<0.0>
  dale.variable @dy parameter at 256 : tensor<1x8x8x6xf32> init #dale.constant<0.0>
  dale.variable @a parameter at 640 : tensor<4x6xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<664xf32>, %g: tensor<4x6xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<664xf32> -> tensor<1x8x8x4xf32>
    %dy = dale.read @dy of %theta : tensor<664xf32> -> tensor<1x8x8x6xf32>
    %a = dale.read @a of %theta : tensor<664xf32> -> tensor<4x6xf32>
    %y = dale.pointwise_filter_grad %x, %dy acc %a
        : tensor<1x8x8x4xf32>, tensor<1x8x8x6xf32>, tensor<4x6xf32> -> tensor<4x6xf32>
    %weighted = arith.mulf %y, %g : tensor<4x6xf32>
    %loss = dale.reduce %weighted over [0, 1] : tensor<4x6xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @transpose {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<6x4xf32>,
// CHECK:      dale.reduce
// CHECK-NEXT: %[[DW:.*]] = dale.transpose %[[G]] : tensor<6x4xf32> -> tensor<4x6xf32>
// CHECK-NEXT: dale.pack %[[DW]]
module @transpose {
  dale.variable @w parameter at 0 : tensor<4x6xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<24xf32>, %g: tensor<6x4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %w = dale.read @w of %theta : tensor<24xf32> -> tensor<4x6xf32>
    %y = dale.transpose %w : tensor<4x6xf32> -> tensor<6x4xf32>
    %weighted = arith.mulf %y, %g : tensor<6x4xf32>
    %loss = dale.reduce %weighted over [0, 1] : tensor<6x4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @turn {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<3x3x6x4xf32>,
// CHECK:      dale.reduce
// CHECK-NEXT: %[[DW:.*]] = dale.turn %[[G]] : tensor<3x3x6x4xf32> -> tensor<3x3x4x6xf32>
// CHECK-NEXT: dale.pack %[[DW]]
module @turn {
  dale.variable @w parameter at 0 : tensor<3x3x4x6xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<216xf32>, %g: tensor<3x3x6x4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %w = dale.read @w of %theta : tensor<216xf32> -> tensor<3x3x4x6xf32>
    %y = dale.turn %w : tensor<3x3x4x6xf32> -> tensor<3x3x6x4xf32>
    %weighted = arith.mulf %y, %g : tensor<3x3x6x4xf32>
    %loss = dale.reduce %weighted over [0, 1, 2, 3] : tensor<3x3x6x4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}
