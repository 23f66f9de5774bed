// What stands at the end of @train_step: SGD with momentum.
// RUN: dale-opt %s --dale-autodiff --split-input-file | FileCheck %s

// m ← µ m + g; θ ← θ − lr m. Arguments and results are appended, and say which
// buffer they are; what @forward gave comes first.
// CHECK-LABEL: func.func @train_step
// CHECK-SAME: (%[[THETA:[a-z0-9]+]]: tensor<4xf32> {dale.buffer = "parameters"}, %[[M:[a-z0-9]+]]: tensor<4xf32> {dale.buffer = "momenta"}, %[[RATE:[a-z0-9]+]]: tensor<f32> {dale.buffer = "learningRate"})
// CHECK-SAME: -> (tensor<4xf32> {dale.buffer = "logits"}, tensor<f32> {dale.buffer = "losses"}, tensor<4xf32> {dale.buffer = "gradients"}, tensor<4xf32> {dale.buffer = "momenta"}, tensor<4xf32> {dale.buffer = "parameters"}) {
// CHECK:      %[[MU:.*]] = arith.constant dense<{{0\.(9|8999).*}}> : tensor<4xf32>
// CHECK:      %[[SQUARES:.*]] = arith.mulf %[[THETA]], %[[THETA]]
// CHECK-NEXT: %[[LOSS:.*]] = dale.reduce %[[SQUARES]]
// CHECK-NEXT: %[[G:.*]] = arith.addf %[[THETA]], %[[THETA]]
// CHECK-NEXT: %[[DECAYED:.*]] = arith.mulf %[[M]], %[[MU]]
// CHECK-NEXT: %[[NEXT:.*]] = arith.addf %[[DECAYED]], %[[G]]
// CHECK-NEXT: %[[RATES:.*]] = dale.broadcast %[[RATE]] along [0] : tensor<f32> -> tensor<4xf32>
// CHECK-NEXT: %[[STEP:.*]] = arith.mulf %[[RATES]], %[[NEXT]]
// CHECK-NEXT: %[[PARAMETERS:.*]] = arith.subf %[[THETA]], %[[STEP]]
// CHECK-NEXT: return %[[SQUARES]], %[[LOSS]], %[[G]], %[[NEXT]], %[[PARAMETERS]]
func.func @forward(%theta: tensor<4xf32> {dale.buffer = "parameters"})
    -> (tensor<4xf32> {dale.buffer = "logits"}, tensor<f32> {dale.buffer = "losses"})
    attributes {dale.objective = 1, dale.wrt = 0, dale.momentum = 0.9} {
  %squares = arith.mulf %theta, %theta : tensor<4xf32>
  %loss = dale.reduce %squares over [0] : tensor<4xf32> -> tensor<f32>
  return %squares, %loss : tensor<4xf32>, tensor<f32>
}

// Functions without an objective stay what they are.
// CHECK-LABEL: func.func @evaluate(%{{.*}}: tensor<4xf32>) -> tensor<4xf32> {
// CHECK-NEXT: arith.mulf
// CHECK-NEXT: return
func.func @evaluate(%theta: tensor<4xf32>) -> tensor<4xf32> {
  %squares = arith.mulf %theta, %theta : tensor<4xf32>
  return %squares : tensor<4xf32>
}

// -----

// In double precision everything is double, and the parameters need not come
// first.
// CHECK-LABEL: func.func @train_step
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<4xf64>, %[[THETA:[a-z0-9]+]]: tensor<4xf64>, %[[M:[a-z0-9]+]]: tensor<4xf64> {{.*}}, %[[RATE:[a-z0-9]+]]: tensor<f64>
// CHECK:      %[[MU:.*]] = arith.constant dense<5.000000e-01> : tensor<4xf64>
// CHECK:      dale.reduce
// CHECK-NEXT: %[[DECAYED:.*]] = arith.mulf %[[M]], %[[MU]]
// CHECK-NEXT: arith.addf %[[DECAYED]], %[[X]]
// CHECK:      arith.subf %[[THETA]]
func.func @forward(%x: tensor<4xf64>, %theta: tensor<4xf64>) -> tensor<f64>
    attributes {dale.objective = 0, dale.wrt = 1, dale.momentum = 0.5} {
  %y = arith.mulf %theta, %x : tensor<4xf64>
  %loss = dale.reduce %y over [0] : tensor<4xf64> -> tensor<f64>
  return %loss : tensor<f64>
}
