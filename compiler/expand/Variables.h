//===- Variables.h - The layout of parameters and averages -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_VARIABLES_H
#define DALE_COMPILER_EXPAND_VARIABLES_H

#include "compiler/expand/CircuitPlan.h"
#include "dialect/TensorOps.h"
#include "mlir/IR/Builders.h"

namespace dale::expand {

//===----------------------------------------------------------------------===//
// Names (models.md, "Names of parameters")
//===----------------------------------------------------------------------===//

/// "v1.P": what an area's population or gate has its variables under.
std::string nameOf(AreaOp area, llvm::StringRef member);
/// "v1.P_to_f".
std::string nameOf(AreaOp area, ProjectionOp projection);

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

/// Lays a circuit's variables out in two flat buffers, one for the parameters
/// and one for the moving averages, and builds their `dale.variable` ops.
class Variables {
public:
  /// Each variable starts at a multiple of this many elements; so does the end
  /// of a buffer. The gaps hold zeros.
  static constexpr int64_t alignment = 16;

  Variables(mlir::OpBuilder &builder, mlir::Type element)
      : builder(builder), element(element) {}

  void declare(const CircuitPlan &plan);

  /// Length of a section's buffer.
  int64_t size(Section section) const {
    return sizes[static_cast<unsigned>(section)];
  }
  mlir::RankedTensorType bufferType(Section section) const {
    return mlir::RankedTensorType::get({size(section)}, element);
  }

  VariableOp lookup(llvm::StringRef name) const { return ops.at(name); }
  llvm::ArrayRef<VariableOp> all() const { return declared; }
  /// Whether the variable is a norm's scale or offset.
  bool isNorm(VariableOp variable) const { return norms.contains(variable); }

private:
  void declareArea(const AreaPlan &area, int64_t steps);
  void declareProjection(AreaOp area, const ProjectionPlan &projection);
  void declareGate(AreaOp area, const GatePlan &gate, int64_t channels);
  /// A norm has one row a time step, unless `steps` is none or it is shared.
  void declareNorm(mlir::Location loc, llvm::StringRef owner, NormAttr norm,
                   int64_t channels, std::optional<int64_t> steps);
  void declareBias(mlir::Location loc, llvm::StringRef owner, int64_t channels);
  VariableOp declareOne(mlir::Location loc, llvm::StringRef name,
                        Section section, llvm::ArrayRef<int64_t> shape,
                        mlir::Attribute initializer);

  mlir::Attribute constant(double value);
  mlir::Attribute glorot(int64_t fanIn, int64_t fanOut);

  mlir::OpBuilder &builder;
  mlir::Type element;
  int64_t sizes[2] = {0, 0};
  llvm::SmallVector<VariableOp> declared;
  llvm::StringMap<VariableOp> ops;
  llvm::DenseSet<mlir::Operation *> norms;
};

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_VARIABLES_H
