//===- Diagram.h - A circuit as a picture -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_DIAGRAM_H
#define DALE_FRONTEND_DIAGRAM_H

#include "dialect/CircuitOps.h"
#include "mlir/Support/LLVM.h"
#include <string>

namespace dale {

/// A circuit as Graphviz source: a cluster an area, populations and edges in
/// the colour of their sign.
std::string printDiagram(CircuitOp circuit);

/// Has Graphviz draw such a source as an SVG. Errors are reported at `loc`.
mlir::FailureOr<std::string> drawDiagram(const std::string &source,
                                         mlir::Location loc);

} // namespace dale

#endif // DALE_FRONTEND_DIAGRAM_H
