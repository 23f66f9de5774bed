// Batch norms must be sums and arithmetic before: one image has no statistics.
// RUN: dale-opt %s --dale-tensor-to-linalg --verify-diagnostics

func.func @norm(%x: tensor<1x4xf32>, %s: tensor<4xf32>, %n: tensor<f32>) -> tensor<1x4xf32> {
  // expected-error @+1 {{failed to legalize operation 'dale.batch_norm'}}
  %y, %mean, %variance = dale.batch_norm %x, %s, %s count %n epsilon 1.0e-5
      : tensor<1x4xf32>, tensor<4xf32>, tensor<f32>
  return %y : tensor<1x4xf32>
}
