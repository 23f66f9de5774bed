//===- Show.h - dale show -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TOOLS_SHOW_H
#define DALE_FRONTEND_TOOLS_SHOW_H

#include "frontend/Frontend.h"
#include "frontend/tools/CommandLine.h"

namespace dale {

/// Writes a circuit in the format that the command line asks for.
mlir::LogicalResult show(ParsedCircuit &circuit,
                         const CommandLine &commandLine);

} // namespace dale

#endif // DALE_FRONTEND_TOOLS_SHOW_H
