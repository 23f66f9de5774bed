// What cannot be lowered one image at a time.
// RUN: dale-opt %s --dale-tensor-to-linalg --split-input-file --verify-diagnostics

// Batch norms must be sums and arithmetic before: one image has no statistics.
func.func @norm(%x: tensor<1x4xf32>, %s: tensor<4xf32>, %n: tensor<f32>) -> tensor<1x4xf32> {
  // expected-error @+1 {{failed to legalize operation 'dale.batch_norm'}}
  %y, %mean, %variance = dale.batch_norm %x, %s, %s count %n epsilon 1.0e-5
      : tensor<1x4xf32>, tensor<4xf32>, tensor<f32>
  return %y : tensor<1x4xf32>
}

// -----

// A whole batch stands outside of stages.
func.func @batch(%x: tensor<?x4x4x1xf32>, %w: tensor<1x1x1x2xf32>) -> tensor<?x4x4x2xf32> {
  // expected-error @+1 {{failed to legalize operation 'dale.conv'}}
  %0 = dale.conv %x, %w padding [0, 0, 0, 0]
      : tensor<?x4x4x1xf32>, tensor<1x1x1x2xf32> -> tensor<?x4x4x2xf32>
  return %0 : tensor<?x4x4x2xf32>
}
