// What cannot be cut into stages.
// RUN: dale-opt %s --dale-fuse --split-input-file --verify-diagnostics

// expected-error @+1 {{must be straight-line code}}
func.func @branch(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  cf.br ^bb1
^bb1:
  return %x : tensor<?x4xf32>
}
