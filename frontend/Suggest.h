//===- Suggest.h - The nearest valid name -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SUGGEST_H
#define DALE_FRONTEND_SUGGEST_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace dale {

/// The candidate that is likely meant by a misspelt name, or an empty string.
llvm::StringRef nearestName(llvm::StringRef name,
                            llvm::ArrayRef<llvm::StringRef> candidates);

/// What an error about an unknown name ends with: "; did you mean 'x'?" or,
/// where no candidate is near, "; expected x, y or z".
std::string suggest(llvm::StringRef name,
                    llvm::ArrayRef<llvm::StringRef> candidates);

/// "x, y or z".
std::string listNames(llvm::ArrayRef<llvm::StringRef> names,
                      llvm::StringRef conjunction = "or");

} // namespace dale

#endif // DALE_FRONTEND_SUGGEST_H
