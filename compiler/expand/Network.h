//===- Network.h - The whole network in one function -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_NETWORK_H
#define DALE_COMPILER_EXPAND_NETWORK_H

#include "compiler/expand/AreaExpansion.h"

namespace dale::expand {

/// Builds the network from images to logits at the builder's insertion point.
/// The same code serves training, evaluation and responses.
class Network {
public:
  struct Inputs {
    mlir::Value parameters, averages, images;
    mlir::Value count, keys; ///< Null in evaluation.
  };

  Network(mlir::OpBuilder &builder, const CircuitPlan &plan,
          const Variables &variables, Mode mode, const Inputs &inputs);

  mlir::Value getLogits() const { return logits; }
  VariableReader &getReader() { return reader; }

  /// The moving averages after this batch.
  mlir::Value packAverages() {
    return normalizer.packAverages(CircuitOp(plan.op).getLoc());
  }

  /// The activity of every population of the recurrent areas, in the circuit's
  /// order, averaged over the time steps.
  llvm::SmallVector<mlir::Value> buildResponses();

private:
  /// What the read-out reads before its pool.
  mlir::Value unroll(mlir::Value images);
  mlir::Value buildReadout(mlir::Value map);

  const CircuitPlan &plan;
  VariableReader reader;
  Normalizer normalizer;
  Dropout dropout;
  Builders builders;
  History history;
  std::vector<RecurrentArea> recurrent;
  mlir::Value logits;
};

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_NETWORK_H
