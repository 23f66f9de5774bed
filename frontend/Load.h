//===- Load.h - A circuit file and its bases -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_LOAD_H
#define DALE_FRONTEND_LOAD_H

#include "frontend/Node.h"
#include "frontend/Reporter.h"
#include <optional>
#include <string>
#include <vector>

namespace dale {

/// Reads a circuit file and, where it has a `base`, lays it over that file.
/// `files` gets the names of all that were read, the circuit file's first.
std::optional<Node> loadCircuit(mlir::MLIRContext *context,
                                llvm::StringRef path, Reporter &reporter,
                                std::vector<std::string> &files);

} // namespace dale

#endif // DALE_FRONTEND_LOAD_H
