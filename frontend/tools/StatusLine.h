//===- StatusLine.h - What a command is at ----------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TOOLS_STATUSLINE_H
#define DALE_FRONTEND_TOOLS_STATUSLINE_H

#include "llvm/ADT/Twine.h"

namespace dale {

/// A line on the terminal that is drawn anew, and gone at the end. Where the
/// standard error is no terminal nothing is shown.
class StatusLine {
public:
  StatusLine();
  ~StatusLine() { show(""); }
  StatusLine(const StatusLine &) = delete;

  void show(const llvm::Twine &text);

private:
  bool terminal;
};

} // namespace dale

#endif // DALE_FRONTEND_TOOLS_STATUSLINE_H
