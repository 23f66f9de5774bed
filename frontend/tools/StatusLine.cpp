//===- StatusLine.cpp - What a command is at ------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/StatusLine.h"

#include "runtime/Terminal.h"
#include "llvm/Support/raw_ostream.h"

using namespace dale;

StatusLine::StatusLine() : terminal(runtime::isTerminal(STDERR_FILENO)) {}

void StatusLine::show(const llvm::Twine &text) {
  if (terminal)
    llvm::errs() << "\r\x1b[K" << text;
}
