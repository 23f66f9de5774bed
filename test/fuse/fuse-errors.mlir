// What cannot be cut into stages.
// RUN: dale-opt %s --dale-fuse --split-input-file --verify-diagnostics

// expected-error @+1 {{must be straight-line code}}
func.func @branch(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  cf.br ^bb1
^bb1:
  return %x : tensor<?x4xf32>
}

// -----

// In a stage it would be added once for every image.
func.func @accumulator(%x: tensor<?x4xf32>, %a: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{cannot add the batch's sum to an accumulator}}
  %sum = dale.reduce %x acc %a over [0] : tensor<?x4xf32>, tensor<4xf32> -> tensor<4xf32>
  return %sum : tensor<4xf32>
}
