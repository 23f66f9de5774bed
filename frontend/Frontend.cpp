//===- Frontend.cpp - Circuit files to circuit ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/CircuitReader.h"
#include "frontend/Load.h"
#include "frontend/Merge.h"
#include "frontend/Override.h"

using namespace mlir;
using namespace dale;

FailureOr<ParsedCircuit>
dale::parseCircuitFile(MLIRContext &context, StringRef path,
                       ArrayRef<std::string> overrides) {
  context.loadDialect<DaleDialect>();
  Reporter reporter;
  ParsedCircuit circuit;
  std::optional<Node> file =
      loadCircuit(&context, path, reporter, circuit.files);
  if (!file)
    return failure();
  for (const std::string &override : overrides)
    applyOverride(*file, override, reporter);
  expandLike(*file, reporter);
  circuit.module = readCircuit(*file, reporter);
  if (!circuit.module)
    return failure();
  circuit.source = printCircuitFile(circuit.getCircuit());
  circuit.computation = printComputation(circuit.getCircuit());
  return circuit;
}
