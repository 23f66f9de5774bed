//===- Terminal.h - Where lines can be drawn anew ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TERMINAL_H
#define DALE_RUNTIME_TERMINAL_H

#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace dale::runtime {

/// Whether what is written there can be drawn anew.
inline bool isTerminal(int descriptor) {
  const char *kind = std::getenv("TERM");
  return ::isatty(descriptor) && kind && *kind &&
         std::string_view(kind) != "dumb";
}

} // namespace dale::runtime

#endif // DALE_RUNTIME_TERMINAL_H
