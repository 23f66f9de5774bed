//===- Passes.td - Reverse-mode differentiation -*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def Autodiff : Pass<"dale-autodiff", "::mlir::ModuleOp"> {
  let summary = "differentiates the objective: @forward becomes @train_step";
  let description = [{
    Looks for functions with the attribute `dale.objective` (the index of the
    result to minimize, a scalar) and `dale.wrt` (the index of the argument to
    differentiate with respect to, the flat buffer of parameters). Each becomes
    a function that does the same, and then walks backwards through its ops:
    every op that the objective depends on turns the cotangents of its results
    into those of its operands (`DifferentiableOpInterface`). Gradients of one
    variable are added up in one `dale.pack`.

    At the end stands the optimizer, SGD with momentum (`dale.momentum`):
    m ← µ m + g; θ ← θ − lr m (models.md, "optimizer").

    ```mlir
    func.func @forward(%theta: tensor<2xf32> {dale.buffer = "parameters"}) -> tensor<f32>
        attributes {dale.objective = 0 : i64, dale.wrt = 0 : i64,
                    dale.momentum = 0.9 : f64} {
      %square = arith.mulf %theta, %theta : tensor<2xf32>
      %loss = dale.reduce %square over [0] : tensor<2xf32> -> tensor<f32>
      return %loss : tensor<f32>
    }
    ```

    becomes

    ```mlir
    func.func @train_step(%theta, %momenta, %rate)
        -> (/*loss*/ tensor<f32>, /*gradients*/ tensor<2xf32>,
            /*momenta*/ tensor<2xf32>, /*parameters*/ tensor<2xf32>)
    ```
  }];
  let dependentDialects = ["::dale::DaleDialect", "::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numDifferentiated", "ops-differentiated",
              "Number of ops that were asked for their derivative">];
}
