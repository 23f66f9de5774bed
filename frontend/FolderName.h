//===- FolderName.h - Names that folders have -------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_FOLDERNAME_H
#define DALE_FRONTEND_FOLDERNAME_H

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

namespace dale {

/// Whether a folder of runs, `runs/NAME`, can have a name of the user's.
inline bool isFolderName(llvm::StringRef name) {
  constexpr size_t longest = 100;
  return !name.empty() && name.size() <= longest && name.front() != '.' &&
         llvm::none_of(name,
                       [](unsigned char c) { return c == '/' || c < 32; });
}

constexpr llvm::StringLiteral folderNameRule =
    "becomes a folder's: expected at most 100 bytes, no '/', no control "
    "characters, and no '.' at its beginning";

} // namespace dale

#endif // DALE_FRONTEND_FOLDERNAME_H
