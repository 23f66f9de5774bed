//===- Arithmetic.h - Sums and products in which zero vanishes -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// Before the first time step every state is zero. Here a null Value stands for
/// such a map of zeros: sums drop it, products with it vanish, and so no op is
/// ever built to compute on zeros.

#ifndef DALE_COMPILER_EXPAND_ARITHMETIC_H
#define DALE_COMPILER_EXPAND_ARITHMETIC_H

#include "dialect/Dialect.h"
#include "mlir/IR/Builders.h"

namespace dale::expand {

/// Builds element-wise arithmetic at one place, for one op of the circuit.
/// Never build two arguments of one call within the call: C++ does not say in
/// which order they are evaluated, and the order of ops should not depend on
/// it.
class Arithmetic {
public:
  Arithmetic(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value subtract(mlir::Value a, mlir::Value b);
  mlir::Value multiply(mlir::Value a, mlir::Value b);

  /// x + value; x itself where value is 0.
  mlir::Value addConstant(mlir::Value x, double value);
  /// x · value; x itself where value is 1.
  mlir::Value scale(mlir::Value x, double value);
  /// 1 − x.
  mlir::Value complement(mlir::Value x);
  /// `exponent` is that of the activation `power`.
  mlir::Value activate(Activation activation, mlir::Value x,
                       int64_t exponent = 2);

  /// `small` repeated along the leading dimensions of `like`.
  mlir::Value broadcast(mlir::Value small, mlir::Value like);
  /// The same for a result of another type with the batch of `like`.
  mlir::Value broadcast(mlir::Value small, mlir::RankedTensorType type,
                        mlir::Value like);
  mlir::Value reduce(mlir::Value x, llvm::ArrayRef<int64_t> dimensions);
  mlir::Value reduceAll(mlir::Value x);

private:
  mlir::Value rectify(mlir::Value x);

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_ARITHMETIC_H
