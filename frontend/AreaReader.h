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
  AreaReader(const Entry &area, const Defaults &defaults,
             mlir::OpBuilder &builder, Reporter &reporter)
      : area(area), defaults(defaults), builder(builder), reporter(reporter) {}

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
  BatchNormAttr readBatchNorm(TableReader &reader, TableId kind,
                              NormSite &site);
  bool checkName(const Entry &entry);
  bool checkTable(const Entry &entry, llvm::StringRef what);

  const Entry &area;
  const Defaults &defaults;
  mlir::OpBuilder &builder;
  Reporter &reporter;
  bool incomplete = false;
  llvm::SmallVector<PopulationOp> populations;
  llvm::SmallVector<llvm::StringRef> populationNames, targetNames;
};

} // namespace dale

#endif // DALE_FRONTEND_AREAREADER_H
