//===- Compile.h - dale compile -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TOOLS_COMPILE_H
#define DALE_FRONTEND_TOOLS_COMPILE_H

#include "frontend/Frontend.h"
#include "frontend/tools/CommandLine.h"

namespace dale {

/// Compiles a circuit to what the command line asks for, and writes it.
mlir::LogicalResult compile(ParsedCircuit &circuit,
                            const CommandLine &commandLine);

} // namespace dale

#endif // DALE_FRONTEND_TOOLS_COMPILE_H
