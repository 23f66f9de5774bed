//===- Interfaces.td - What passes may ask an op -----------*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_DIALECT_INTERFACES_TD
#define DALE_DIALECT_INTERFACES_TD

include "mlir/IR/OpBase.td"

def DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::dale";
  let description = [{
    An op that knows its own derivative. Reverse-mode differentiation walks a
    function backwards and asks each op to turn the cotangents of its results
    into cotangents of its operands.
  }];
  let methods = [InterfaceMethod<[{
      Builds the cotangents of the operands. `results` holds one value for each
      result, null where no cotangent reaches it (at least one is not null).
      `operands` has one entry for each operand, all null; the op fills in those
      it has a derivative for, and leaves the others (labels, or operands whose
      derivative is zero everywhere).
    }],
    "void", "buildCotangents",
    (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$results,
         "::llvm::MutableArrayRef<::mlir::Value>":$operands)>];
}

def AccumulatingOpInterface : OpInterface<"AccumulatingOpInterface"> {
  let cppNamespace = "::dale";
  let description = [{
    An op with one result that can add to a given tensor what it computes: its
    optional operand `accumulator`. Sums of such ops then need no addition of
    their own, and their lowering carries the accumulator in registers.
  }];
  let methods = [
    InterfaceMethod<"The accumulator, or null where the op starts from zero.",
      "::mlir::Value", "getAccumulator">,
    InterfaceMethod<"Adds an accumulator to an op that has none, or, null, "
                    "takes it away.",
      "void", "setAccumulator", (ins "::mlir::Value":$accumulator)>];
}

def CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::dale";
  let description = [{
    An op that knows how much arithmetic it takes.
  }];
  let methods = [InterfaceMethod<[{
      Floating-point operations for one image; a multiply-add counts as two.
    }],
    "int64_t", "getFlops">];
}

#endif // DALE_DIALECT_INTERFACES_TD
