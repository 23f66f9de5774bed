//===- StreamError.h - Errors of what is written ----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_STREAMERROR_H
#define DALE_COMPILER_STREAMERROR_H

#include "llvm/Support/raw_ostream.h"
#include <system_error>

namespace dale {

/// Flushes a stream and takes its error, which would end the program otherwise.
inline std::error_code takeError(llvm::raw_fd_ostream &os) {
  os.flush();
  std::error_code error = os.error();
  os.clear_error();
  return error;
}

} // namespace dale

#endif // DALE_COMPILER_STREAMERROR_H
