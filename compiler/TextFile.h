//===- TextFile.h - Files that are written whole ----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_TEXTFILE_H
#define DALE_COMPILER_TEXTFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace dale {

/// Writes a file, or leaves what was there as it was. Upstream's writeToOutput
/// ends the program where a disk is full.
llvm::Error writeTextFile(llvm::StringRef path, llvm::StringRef text);

} // namespace dale

#endif // DALE_COMPILER_TEXTFILE_H
