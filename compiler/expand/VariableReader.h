//===- VariableReader.h - Every variable read once -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_VARIABLEREADER_H
#define DALE_COMPILER_EXPAND_VARIABLEREADER_H

#include "compiler/expand/Variables.h"

namespace dale::expand {

/// Reads variables in one function: each once, at its first use.
class VariableReader {
public:
  VariableReader(mlir::OpBuilder &builder, const Variables &variables,
                 mlir::Value parameters, mlir::Value averages)
      : builder(builder), variables(variables), buffers{parameters, averages} {}

  /// A whole variable, or one row of it.
  mlir::Value read(llvm::StringRef name,
                   std::optional<int64_t> row = std::nullopt);

  /// The kernel that is applied, out of the stored one (models.md, "sign
  /// constraint").
  mlir::Value readKernel(llvm::StringRef name, Constraint constraint);

private:
  mlir::OpBuilder &builder;
  const Variables &variables;
  mlir::Value buffers[2];
  llvm::DenseMap<std::pair<mlir::Operation *, int64_t>, mlir::Value> values;
  llvm::StringMap<mlir::Value> kernels;
};

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_VARIABLEREADER_H
