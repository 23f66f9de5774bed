//===- TomlText.cpp - Texts and keys as TOML -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/TomlText.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace dale;
using llvm::StringRef;

std::string dale::quoteToml(StringRef text) {
  std::string quoted = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\')
      quoted += '\\';
    if (c >= 0x20 && c != 0x7f)
      quoted += c;
    else
      quoted += "\\u00" + llvm::utohexstr(c, /*LowerCase=*/false, /*Width=*/2);
  }
  return quoted + "\"";
}

bool dale::isBareInToml(char c) {
  return llvm::isAlnum(c) || c == '_' || c == '-';
}

bool dale::isBareKey(StringRef key) {
  return !key.empty() && llvm::all_of(key, isBareInToml);
}

std::string dale::printKey(StringRef key) {
  return isBareKey(key) ? key.str() : quoteToml(key);
}

llvm::SmallVector<StringRef> dale::splitOutsideQuotes(StringRef text,
                                                      char separator) {
  llvm::SmallVector<StringRef> parts;
  char quote = 0;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote) {
      quote = text[i] == quote ? 0 : quote;
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text[i] == separator) {
      parts.push_back(text.slice(begin, i));
      begin = i + 1;
    }
  }
  parts.push_back(text.substr(begin));
  return parts;
}
