//===- StatusLine.cpp - What a command is at ------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/StatusLine.h"

#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace dale;

StatusLine::StatusLine() {
  const char *kind = std::getenv("TERM");
  terminal =
      llvm::errs().is_displayed() && kind && llvm::StringRef(kind) != "dumb";
}

void StatusLine::show(const llvm::Twine &text) {
  if (terminal)
    llvm::errs() << "\r\x1b[K" << text;
}
