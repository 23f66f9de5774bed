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
#include "llvm/ADT/StringExtras.h"
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

/// Whether a name of a condition, which is a folder's and a file's in a sweep,
/// can have this character beside "," and "=", which stand between its parts.
inline bool isConditionCharacter(char c) {
  return llvm::isAlnum(c) || llvm::StringRef("_-+.").contains(c);
}

/// Whether a circuit's name in an experiment can begin a condition's.
inline bool isConditionName(llvm::StringRef name) {
  return !name.empty() && name.front() != '.' &&
         llvm::all_of(name, isConditionCharacter);
}

constexpr llvm::StringLiteral conditionNameRule =
    "becomes a folder's: expected letters, digits, _, -, + and .";

/// Of a condition's name in bytes. File systems take 255, and beside an
/// executable stands a file with a longer name, even longer while it is made.
constexpr size_t longestConditionName =
    255 - llvm::StringLiteral(".fingerprint.temp-stream-123456").size();

} // namespace dale

#endif // DALE_FRONTEND_FOLDERNAME_H
