//===- Passes.td - Circuits become tensor programs -*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def Expand : Pass<"dale-expand", "::mlir::ModuleOp"> {
  let summary = "turns a circuit into functions on tensors";
  let description = [{
    Unrolls the circuit over its time steps, applies the sign constraints, lays
    all parameters and moving averages out in two flat buffers, and writes four
    functions on tensors:

    | function | computes |
    |---|---|
    | `@prepare` | images out of bytes: crop, flip, standardization or means |
    | `@forward` | losses, logits and new moving averages, with the batch's statistics |
    | `@evaluate` | logits, with the moving averages |
    | `@respond` | logits, and what every population does, averaged over time |

    Every state is zero before the first step: what would read it is not
    written at all. Each variable is read once, and a constraint applied once.

    Arguments and results carry `dale.buffer`, the name of that argument of the
    binary interface (runtime/CircuitABI.h) which holds them; a result also has
    `dale.offset`, in bytes, where several share a buffer, or `dale.response`,
    the entry of "responses" that it is. Of `@forward`, `dale.objective` is the
    result to minimize, `dale.wrt` the argument to do it by, and
    `dale.momentum` the optimizer's.

    The circuit op is erased. The module keeps its name in `dale.name`, and in
    `dale.description` what nothing else in the module says; its keys are those
    of the JSON in runtime/CircuitABI.h: `element`, `steps`, `input`, `classes`,
    `parameters` and `averages` (`elements` only: `dale.variable` has the rest),
    `responses` in the order of `@respond`'s results, `areas` (the recurrent
    ones, with their populations and projections), and `training` (absent where
    the circuit does not say how it is trained).

    A circuit with one population whose memory leaks

    ```mlir
    dale.area @v1 {
      dale.population @P channels(8) sign(excitatory) principal
      dale.gate @f on @P memory leak
      dale.projection @input to @P long_range excitatory
      dale.projection @P to @P local excitatory
    }
    ```

    becomes, at its second step (types left out),

    ```mlir
    %w0 = dale.read @"v1.input_to_P.depthwise" of %parameters
    %w1 = math.absf %w0
    %0 = dale.depthwise_conv %images, %w1 padding [1, 1, 1, 1]
    %1 = dale.pointwise_conv %0, %w3
    %2 = dale.depthwise_conv %P0, %w5 padding [1, 1, 1, 1]
    %3 = dale.pointwise_conv %2, %w7
    %4 = arith.addf %1, %3
    %5 = arith.addf %4, %bias
    %6 = arith.maximumf %5, %zero
    %7 = arith.mulf %f, %P0
    %8 = arith.mulf %minusF, %6
    %P1 = arith.addf %7, %8
    ```
  }];
  let options = [
    Option<"element", "element", "::dale::Element",
           /*default=*/"::dale::Element::F32", "type of all real numbers",
           [{::llvm::cl::values(
               clEnumValN(::dale::Element::F32, "f32", "single precision"),
               clEnumValN(::dale::Element::F64, "f64", "double precision"))}]>];
  let statistics = [
    Statistic<"numVariables", "variables",
              "Number of parameters and moving averages">,
    Statistic<"numSteps", "steps", "Number of time steps unrolled">];
  let dependentDialects = [
    "::dale::DaleDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::math::MathDialect",
    "::mlir::tensor::TensorDialect"];
}
