//===- CompileOptions.h - The options of dale compile -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TOOLS_COMPILEOPTIONS_H
#define DALE_FRONTEND_TOOLS_COMPILEOPTIONS_H

#include "frontend/tools/CommandLine.h"

namespace dale {

struct CompileOptions;

/// What is wrong with the text of --gpu or --target-cpu; empty if nothing is.
std::string checkGpu(const std::string &text);
std::string checkTargetCpu(const std::string &text);

/// What is wrong with options together: an option, a colon, and why; empty if
/// nothing is.
std::string checkTogether(const CommandLine &commandLine);

/// What the compiler is asked for, by a command line that is right.
CompileOptions compileOptionsOf(const CommandLine &commandLine);

} // namespace dale

#endif // DALE_FRONTEND_TOOLS_COMPILEOPTIONS_H
