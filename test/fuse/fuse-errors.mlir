// What cannot be cut into stages.
// RUN: dale-opt %s --dale-fuse --split-input-file --verify-diagnostics

// expected-error @+1 {{must be straight-line code}}
func.func @branch(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  cf.br ^bb1
^bb1:
  return %x : tensor<?x4xf32>
}

// -----

func.func private @print(tensor<4xf32>)
func.func @effects(%x: tensor<?x4xf32>, %w: tensor<4xf32>) -> tensor<?x4xf32> {
  // expected-error @+1 {{has effects or regions: no stage can have it}}
  func.call @print(%w) : (tensor<4xf32>) -> ()
  %0 = arith.addf %x, %x : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

func.func @scalar(%x: tensor<?x4xf32>, %s: f32) -> (tensor<?x4xf32>, f32) {
  %0 = arith.addf %x, %x : tensor<?x4xf32>
  // expected-error @+1 {{must have tensors only, to be part of a stage}}
  %1 = arith.addf %s, %s : f32
  return %0, %1 : tensor<?x4xf32>, f32
}

// -----

// The statistics of a batch are no sums over it, until dale-decompose-norms makes
// sums of them.
func.func @statistics(%x: tensor<?x4xf32>, %s: tensor<4xf32>, %n: tensor<f32>)
    -> (tensor<?x4xf32>, tensor<4xf32>) {
  // expected-error @+1 {{is computed of all images, and is no sum over them: no stage can have it}}
  %y, %mean, %variance = dale.batch_norm %x, %s, %s count %n epsilon 1.0e-5
      : tensor<?x4xf32>, tensor<4xf32>, tensor<f32>
  return %y, %mean : tensor<?x4xf32>, tensor<4xf32>
}
