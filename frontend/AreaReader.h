//===- AreaReader.h - An area's table to circuit ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_AREAREADER_H
#define DALE_FRONTEND_AREAREADER_H

#include "dialect/CircuitOps.h"
#include "frontend/Projections.h"
#include "frontend/TableReader.h"
#include "mlir/IR/Builders.h"

namespace dale {

/// What a circuit says once for all its areas.
struct Defaults {
  Constraint constraint;
  Kernel kernel;
  bool normShared;
  double normDecay, normEpsilon;
};

/// Builds the ops of one area.
class AreaReader {
public:
  /// `circuit` is the whole file: feedback comes from its other areas.
  AreaReader(const Entry &area, const Node &circuit, const Defaults &defaults,
             mlir::OpBuilder &builder, Reporter &reporter)
      : area(area), circuit(circuit), defaults(defaults), builder(builder),
        reporter(reporter) {}

  /// Returns null where there is nothing to build.
  AreaOp read();

  /// Whether something of the area could not be built: then its verifier would
  /// complain about what is missing.
  bool isIncomplete() const { return incomplete; }

private:
  AreaOp readFeedForward();
  AreaOp readRecurrent();
  void readPopulation(const Entry &entry);
  void readGate(const Entry &entry);
  void readProjections(const Node &projections);
  PoolAttr readPool(TableReader &reader);
  NormAttr readNormOf(TableReader &reader, TableId id, NormSite &site);
  bool checkName(const Entry &entry);
  bool checkTable(const Entry &entry, llvm::StringRef what);

  /// Where feedback comes from: its population's table, or null after an error.
  const Node *findFeedbackSource(const Edge &edge);
  /// What a projection says, or else its source, which feedback has `above`.
  /// Nothing where neither does, or after an error.
  std::optional<Sign> signOf(const Edge &edge, TableReader &reader,
                             const Node *above, Constraint constraint);
  DropoutAttr readDropout(TableReader &reader);

  const Entry &area;
  const Node &circuit;
  const Defaults &defaults;
  mlir::OpBuilder &builder;
  Reporter &reporter;
  bool incomplete = false;
  std::optional<Constraint> constraintOf(llvm::StringRef source) const;

  llvm::SmallVector<PopulationOp> populations;
  /// What each of them declares for its projections.
  llvm::SmallVector<std::optional<Constraint>> constraints;
  llvm::SmallVector<llvm::StringRef> populationNames, targetNames;
};

} // namespace dale

#endif // DALE_FRONTEND_AREAREADER_H
