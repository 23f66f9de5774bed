//===- Report.h - dale report -----------------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TOOLS_REPORT_H
#define DALE_FRONTEND_TOOLS_REPORT_H

#include "frontend/tools/CommandLine.h"

namespace dale {

/// Writes a page of figures from runs. Returns what dale returns to the shell.
int reportRuns(const CommandLine &commandLine, const char *version);

} // namespace dale

#endif // DALE_FRONTEND_TOOLS_REPORT_H
