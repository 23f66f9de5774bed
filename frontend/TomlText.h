//===- TomlText.h - Texts and keys as TOML -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TOMLTEXT_H
#define DALE_FRONTEND_TOMLTEXT_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace dale {

/// A TOML basic string that reads back as this text.
std::string quoteToml(llvm::StringRef text);

/// Whether a character, or each of a key, needs no quotes.
bool isBareInToml(char c);
bool isBareKey(llvm::StringRef key);

/// A key of a table: bare, or quoted.
std::string printKey(llvm::StringRef key);

/// The parts of a text between separators, as they stand; those within quotes,
/// of either kind, separate nothing. There is one at least.
llvm::SmallVector<llvm::StringRef> splitOutsideQuotes(llvm::StringRef text,
                                                      char separator);

} // namespace dale

#endif // DALE_FRONTEND_TOMLTEXT_H
