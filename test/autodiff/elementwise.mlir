// Derivatives of element-wise ops. %g is the cotangent of %y.
// RUN: dale-opt %s --dale-autodiff --canonicalize --split-input-file | FileCheck %s

// CHECK-LABEL: module @addf {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      dale.reduce
// CHECK-NEXT: dale.pack %[[G]], %[[G]] : {{.*}} as [@b, @a]
module @addf {
  dale.variable @a parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  dale.variable @b parameter at 4 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<8xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %a = dale.read @a of %theta : tensor<8xf32> -> tensor<4xf32>
    %b = dale.read @b of %theta : tensor<8xf32> -> tensor<4xf32>
    %y = arith.addf %a, %b : tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @subf {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      dale.reduce
// CHECK-NEXT: %[[DB:.*]] = arith.negf %[[G]]
// CHECK-NEXT: dale.pack %[[DB]], %[[G]] : {{.*}} as [@b, @a]
module @subf {
  dale.variable @a parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  dale.variable @b parameter at 4 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<8xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %a = dale.read @a of %theta : tensor<8xf32> -> tensor<4xf32>
    %b = dale.read @b of %theta : tensor<8xf32> -> tensor<4xf32>
    %y = arith.subf %a, %b : tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @mulf {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      %[[A:.*]] = dale.read @a
// CHECK-NEXT: %[[B:.*]] = dale.read @b
// CHECK:      dale.reduce
// CHECK-NEXT: %[[DA:.*]] = arith.mulf %[[G]], %[[B]]
// CHECK-NEXT: %[[DB:.*]] = arith.mulf %[[G]], %[[A]]
// CHECK-NEXT: dale.pack %[[DB]], %[[DA]] : {{.*}} as [@b, @a]
module @mulf {
  dale.variable @a parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  dale.variable @b parameter at 4 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<8xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %a = dale.read @a of %theta : tensor<8xf32> -> tensor<4xf32>
    %b = dale.read @b of %theta : tensor<8xf32> -> tensor<4xf32>
    %y = arith.mulf %a, %b : tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// Both operands are one value: its cotangents add up.
// CHECK-LABEL: module @square {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK:      dale.reduce
// CHECK-NEXT: %[[DX:.*]] = arith.mulf %[[G]], %[[X]]
// CHECK-NEXT: %[[OTHER:.*]] = arith.mulf %[[G]], %[[X]]
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[DX]], %[[OTHER]]
// CHECK-NEXT: dale.pack %[[SUM]] : {{.*}} as [@x]
module @square {
  dale.variable @x parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<4xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<4xf32> -> tensor<4xf32>
    %y = arith.mulf %x, %x : tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// −g (a / b) / b, from the quotient that is there.
// CHECK-LABEL: module @divf {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      %[[A:.*]] = dale.read @a
// CHECK-NEXT: %[[B:.*]] = dale.read @b
// CHECK-NEXT: %[[Y:.*]] = arith.divf %[[A]], %[[B]]
// CHECK:      dale.reduce
// CHECK-NEXT: %[[DA:.*]] = arith.divf %[[G]], %[[B]]
// CHECK-NEXT: %[[SLOPE:.*]] = arith.mulf %[[DA]], %[[Y]]
// CHECK-NEXT: %[[DB:.*]] = arith.negf %[[SLOPE]]
// CHECK-NEXT: dale.pack %[[DB]], %[[DA]] : {{.*}} as [@b, @a]
module @divf {
  dale.variable @a parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  dale.variable @b parameter at 4 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<8xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %a = dale.read @a of %theta : tensor<8xf32> -> tensor<4xf32>
    %b = dale.read @b of %theta : tensor<8xf32> -> tensor<4xf32>
    %y = arith.divf %a, %b : tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @negf {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      dale.reduce
// CHECK-NEXT: %[[DX:.*]] = arith.negf %[[G]]
// CHECK-NEXT: dale.pack %[[DX]]
module @negf {
  dale.variable @x parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<4xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<4xf32> -> tensor<4xf32>
    %y = arith.negf %x : tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// Where both are equal, the second one wins: relu has the derivative 0 at 0.
// CHECK-LABEL: module @maximumf {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<4xf32>
// CHECK:      %[[A:.*]] = dale.read @a
// CHECK-NEXT: %[[B:.*]] = dale.read @b
// CHECK-NEXT: %[[Y:.*]] = arith.maximumf %[[A]], %[[B]]
// CHECK:      %[[DA:.*]] = dale.where %[[Y]] exceeds %[[B]] then %[[G]] else %[[ZERO]]
// CHECK-NEXT: %[[DB:.*]] = dale.where %[[Y]] exceeds %[[B]] then %[[ZERO]] else %[[G]]
// CHECK-NEXT: dale.pack %[[DB]], %[[DA]] : {{.*}} as [@b, @a]
module @maximumf {
  dale.variable @a parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  dale.variable @b parameter at 4 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<8xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %a = dale.read @a of %theta : tensor<8xf32> -> tensor<4xf32>
    %b = dale.read @b of %theta : tensor<8xf32> -> tensor<4xf32>
    %y = arith.maximumf %a, %b : tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// The derivative at 0 is 0.
// CHECK-LABEL: module @absf {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<4xf32>
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK:      %[[MINUS:.*]] = arith.negf %[[G]]
// CHECK-NEXT: %[[ELSE:.*]] = dale.where %[[ZERO]] exceeds %[[X]] then %[[MINUS]] else %[[ZERO]]
// CHECK-NEXT: %[[DX:.*]] = dale.where %[[X]] exceeds %[[ZERO]] then %[[G]] else %[[ELSE]]
// CHECK-NEXT: dale.pack %[[DX]]
module @absf {
  dale.variable @x parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<4xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<4xf32> -> tensor<4xf32>
    %y = math.absf %x : tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// CHECK-LABEL: module @exp {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK-NEXT: %[[Y:.*]] = math.exp %[[X]]
// CHECK:      dale.reduce
// CHECK-NEXT: %[[DX:.*]] = arith.mulf %[[G]], %[[Y]]
// CHECK-NEXT: dale.pack %[[DX]]
module @exp {
  dale.variable @x parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<4xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<4xf32> -> tensor<4xf32>
    %y = math.exp %x : tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// g − g tanh².
// CHECK-LABEL: module @tanh {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK-NEXT: %[[Y:.*]] = math.tanh %[[X]]
// CHECK:      dale.reduce
// CHECK-NEXT: %[[SQUARE:.*]] = arith.mulf %[[Y]], %[[Y]]
// CHECK-NEXT: %[[LOSS:.*]] = arith.mulf %[[G]], %[[SQUARE]]
// CHECK-NEXT: %[[DX:.*]] = arith.subf %[[G]], %[[LOSS]]
// CHECK-NEXT: dale.pack %[[DX]]
module @tanh {
  dale.variable @x parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<4xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<4xf32> -> tensor<4xf32>
    %y = math.tanh %x : tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// g (σ − σ²).
// CHECK-LABEL: module @sigmoid {
// CHECK:      func.func @train_step(%{{.*}}, %[[G:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      %[[X:.*]] = dale.read @x
// CHECK-NEXT: %[[Y:.*]] = dale.sigmoid %[[X]]
// CHECK:      dale.reduce
// CHECK-NEXT: %[[SQUARE:.*]] = arith.mulf %[[Y]], %[[Y]]
// CHECK-NEXT: %[[SLOPE:.*]] = arith.subf %[[Y]], %[[SQUARE]]
// CHECK-NEXT: %[[DX:.*]] = arith.mulf %[[G]], %[[SLOPE]]
// CHECK-NEXT: dale.pack %[[DX]]
module @sigmoid {
  dale.variable @x parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<4xf32>, %g: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
    %x = dale.read @x of %theta : tensor<4xf32> -> tensor<4xf32>
    %y = dale.sigmoid %x : tensor<4xf32>
    %weighted = arith.mulf %y, %g : tensor<4xf32>
    %loss = dale.reduce %weighted over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}
