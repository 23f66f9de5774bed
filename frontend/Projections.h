//===- Projections.h - An area's projections, edge by edge -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_PROJECTIONS_H
#define DALE_FRONTEND_PROJECTIONS_H

#include "frontend/Node.h"
#include "frontend/Reporter.h"

namespace dale {

/// One projection of an area, before its attributes are read.
struct Edge {
  std::string source, target;
  mlir::Location sourceLoc, targetLoc;
  /// The table of attributes.
  Node attributes;
  /// The key that said it last.
  mlir::Location loc;
  unsigned layer;
};

/// Turns keys like "A, B -> C, D" into edges in the order of the file. Keys of
/// a later layer (a file over its base, an area over the one it is like, an
/// override) refine or, with `false`, take away edges of earlier layers, where
/// `*` stands for every source or target.
std::vector<Edge> resolveProjections(const Node &projections,
                                     Reporter &reporter);

} // namespace dale

#endif // DALE_FRONTEND_PROJECTIONS_H
