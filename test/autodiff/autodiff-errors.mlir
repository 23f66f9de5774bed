// What cannot be differentiated.
// RUN: dale-opt %s --dale-autodiff --split-input-file --verify-diagnostics

// An op without a derivative stands in the way.
func.func @forward(%theta: tensor<4xf32>) -> tensor<f32>
    attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
  // expected-error @+1 {{'math.sin' op stands between the parameters and the objective, but has no derivative}}
  %y = math.sin %theta : tensor<4xf32>
  %loss = dale.reduce %y over [0] : tensor<4xf32> -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

// What a region takes counts as what an operand does.
func.func @forward(%theta: tensor<4xf32>, %often: i1) -> tensor<f32>
    attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
  // expected-error @+1 {{'scf.if' op stands between the parameters and the objective, but has no derivative}}
  %y = scf.if %often -> tensor<4xf32> {
    %square = arith.mulf %theta, %theta : tensor<4xf32>
    scf.yield %square : tensor<4xf32>
  } else {
    scf.yield %theta : tensor<4xf32>
  }
  %loss = dale.reduce %y over [0] : tensor<4xf32> -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

// It may stand beside: on what does not depend on the parameters, or where the
// objective does not depend on it.
func.func @forward(%theta: tensor<4xf32>, %x: tensor<4xf32>) -> (tensor<f32>, tensor<4xf32>)
    attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
  %wave = math.sin %x : tensor<4xf32>
  %aside = math.sin %theta : tensor<4xf32>
  %y = arith.mulf %theta, %wave : tensor<4xf32>
  %loss = dale.reduce %y over [0] : tensor<4xf32> -> tensor<f32>
  return %loss, %aside : tensor<f32>, tensor<4xf32>
}

// -----

// expected-error @+1 {{can minimize only a scalar, not a value of type 'tensor<4xf32>'}}
func.func @forward(%theta: tensor<4xf32>) -> tensor<4xf32>
    attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
  return %theta : tensor<4xf32>
}

// -----

// expected-error @+1 {{needs the integer attribute 'dale.objective' in [0, 1)}}
func.func @forward(%theta: tensor<4xf32>) -> tensor<4xf32>
    attributes {dale.objective = 1, dale.wrt = 0, dale.momentum = 0.9} {
  return %theta : tensor<4xf32>
}

// -----

// expected-error @+1 {{attribute 'dale.objective' must be an integer}}
func.func @forward(%theta: tensor<4xf32>) -> tensor<4xf32>
    attributes {dale.objective = "loss", dale.wrt = 0, dale.momentum = 0.9} {
  return %theta : tensor<4xf32>
}

// -----

// expected-error @+1 {{needs the integer attribute 'dale.wrt' in [0, 1)}}
func.func @forward(%theta: tensor<4xf32>) -> tensor<4xf32>
    attributes {dale.objective = 0, dale.momentum = 0.9} {
  return %theta : tensor<4xf32>
}

// -----

// expected-error @+1 {{needs the float attribute 'dale.momentum'}}
func.func @forward(%theta: tensor<4xf32>) -> tensor<4xf32>
    attributes {dale.objective = 0, dale.wrt = 0} {
  return %theta : tensor<4xf32>
}

// -----

// expected-error @+1 {{needs a flat buffer of real numbers as its parameters, not a value of type 'tensor<2x2xf32>'}}
func.func @forward(%theta: tensor<2x2xf32>) -> tensor<f32>
    attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
  %loss = dale.reduce %theta over [0, 1] : tensor<2x2xf32> -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

// expected-error @+1 {{needs a flat buffer of real numbers as its parameters, not a value of type 'tensor<4xi32>'}}
func.func @forward(%labels: tensor<4xi32>, %loss: tensor<f32>) -> tensor<f32>
    attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
  return %loss : tensor<f32>
}

// -----

// expected-error @+1 {{has an objective that does not depend on its parameters}}
func.func @forward(%theta: tensor<4xf32>, %x: tensor<4xf32>) -> tensor<f32>
    attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
  %loss = dale.reduce %x over [0] : tensor<4xf32> -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

// Depending on the statistics of a batch norm alone is no dependence that can be
// followed.
// expected-error @+1 {{has an objective that does not depend on its parameters}}
func.func @forward(%theta: tensor<4xf32>, %x: tensor<2x4xf32>, %n: tensor<f32>) -> tensor<f32>
    attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
  %b = dale.broadcast %theta along [0] : tensor<4xf32> -> tensor<2x4xf32>
  %y, %mean, %variance = dale.batch_norm %b, %theta, %theta count %n epsilon 1.0e-5
      : tensor<2x4xf32>, tensor<4xf32>, tensor<f32>
  %loss = dale.reduce %mean over [0] : tensor<4xf32> -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

// expected-error @+1 {{must be straight-line code}}
func.func @forward(%theta: tensor<4xf32>) -> tensor<f32>
    attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
  cf.br ^bb1
^bb1:
  %loss = dale.reduce %theta over [0] : tensor<4xf32> -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

func.func private @train_step()
// expected-error @+1 {{becomes 'train_step', but there is one}}
func.func @forward(%theta: tensor<2xf32> {dale.buffer = "parameters"}) -> tensor<f32>
    attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.9} {
  %square = arith.mulf %theta, %theta : tensor<2xf32>
  %loss = dale.reduce %square over [0] : tensor<2xf32> -> tensor<f32>
  return %loss : tensor<f32>
}
