//===- Dialect.td - The dale dialect --------------------*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_DIALECT_DIALECT_TD
#define DALE_DIALECT_DIALECT_TD

include "mlir/IR/OpBase.td"

def Dale_Dialect : Dialect {
  let name = "dale";
  let cppNamespace = "::dale";
  let summary = "Recurrent excitatory/inhibitory circuits and their training";
  let description = [{
    The dialect has two families of operations.

    *Circuit ops* mirror a circuit file one to one: `dale.circuit`, `dale.area`,
    `dale.population`, `dale.gate`, `dale.projection`, `dale.readout`,
    `dale.training`. Their verifiers are the language's type checker, and their
    locations point into the circuit file.

    *Tensor ops* are what a circuit computes, on ranked tensors in NHWC order. A
    tensor whose first dimension is dynamic (`tensor<?x16x16x64xf32>`) holds one
    entry an image of the batch; every other tensor is shared by all images. The
    dialect has only the tensor ops that upstream lacks; element-wise arithmetic
    is `arith` and `math` on tensors.

    Some *attributes* go with functions from pass to pass. `dale.objective`,
    `dale.wrt` and `dale.momentum` say what to differentiate, and `dale.buffer` and
    `dale.offset`, of arguments and results, what of a circuit's interface they are.
    Entry points have `dale.workspace` and `dale.cost` (bytes), the arguments that
    replicas share (`dale.common`), and on GPUs `dale.shared`, `dale.moved` and
    `dale.teams`. What does the work of one op is a `dale.kernel`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let hasConstantMaterializer = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}

class Dale_Op<string mnemonic, list<Trait> traits = []>
    : Op<Dale_Dialect, mnemonic, traits>;

#endif // DALE_DIALECT_DIALECT_TD
