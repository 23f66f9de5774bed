//===- Dropout.h - Masks that differ at every step -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_DROPOUT_H
#define DALE_COMPILER_EXPAND_DROPOUT_H

#include "compiler/expand/Arithmetic.h"
#include "dialect/TensorOps.h"

namespace dale::expand {

/// Builds the dropouts of one function.
class Dropout {
public:
  /// `keys` is one random number an image; null in evaluation, where nothing is
  /// dropped.
  Dropout(mlir::OpBuilder &builder, mlir::Value keys)
      : builder(builder), keys(keys) {}

  mlir::Value apply(mlir::Location loc, DropoutAttr dropout, mlir::Value x) {
    if (!keys)
      return x;
    // Each mask of the function has a salt of its own, also in time.
    mlir::Value mask = DropoutMaskOp::create(
        builder, loc, x.getType(), keys, salt++, dropout.getKeep().getValue());
    return Arithmetic(builder, loc).multiply(x, mask);
  }

private:
  mlir::OpBuilder &builder;
  mlir::Value keys;
  int64_t salt = 0;
};

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_DROPOUT_H
