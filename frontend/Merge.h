//===- Merge.h - A circuit file over another -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_MERGE_H
#define DALE_FRONTEND_MERGE_H

#include "frontend/Node.h"
#include "frontend/Reporter.h"

namespace dale {

/// Lays a circuit file, or overrides, over another file. Tables are merged key
/// by key, other values replaced; an area, population or gate that is `false`
/// is taken away. Entries of `projections` are collected, each layer after the
/// one before.
void mergeCircuits(Node &base, Node overlay);

/// The same for two tables of one projection.
void mergeTables(Node &base, Node overlay);

/// Replaces each `like` by the area it names, with `scale` times the channels,
/// under the keys beside it.
void expandLike(Node &circuit, Reporter &reporter);

/// Whether a top-level key of a circuit file is an area's name.
bool isAreaKey(llvm::StringRef key);

} // namespace dale

#endif // DALE_FRONTEND_MERGE_H
