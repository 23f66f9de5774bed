//===- AreaChecker.h - The rules inside a recurrent area -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_DIALECT_AREACHECKER_H
#define DALE_DIALECT_AREACHECKER_H

#include "dialect/CircuitOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace dale {

/// Checks a recurrent area's region: names resolve, Dale's law, the gates'
/// rules, and no cycle within a time step. Reports everything it finds.
class AreaChecker {
public:
  explicit AreaChecker(AreaOp area) : area(area) {}

  mlir::LogicalResult check();

private:
  void collect();
  void checkPopulation(PopulationOp population);
  void checkGate(GateOp gate);
  void checkFeedback(ProjectionOp projection);
  void checkProjection(ProjectionOp projection);
  void checkDuplicates();
  void checkDalesLaw();
  void checkCycles();

  /// Extends a path through projections without delay and from gates to their
  /// populations; reports the cycle when it closes.
  bool findCycle(mlir::StringRef node, llvm::SetVector<mlir::StringRef> &path,
                 llvm::StringSet<> &done);

  mlir::InFlightDiagnostic error(mlir::Operation *op);
  GateOp gateAt(mlir::StringRef population, GateSite site);
  bool hasProjectionInto(mlir::StringRef target);

  AreaOp area;
  bool ok = true;
  llvm::MapVector<mlir::StringRef, PopulationOp> populations;
  llvm::MapVector<mlir::StringRef, GateOp> gates;
  llvm::SmallVector<ProjectionOp> projections;
};

} // namespace dale

#endif // DALE_DIALECT_AREACHECKER_H
