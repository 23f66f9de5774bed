//===- Toml.h - TOML text to a tree of values -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TOML_H
#define DALE_FRONTEND_TOML_H

#include "frontend/Node.h"
#include "frontend/Reporter.h"
#include <functional>
#include <optional>

namespace dale {

/// Turns a position of a TOML text, lines and columns from 1, into a location.
using Locate = std::function<mlir::Location(unsigned line, unsigned column)>;

/// Parses TOML text; reports a syntax error if `reporter` is not null.
std::optional<Node> parseToml(llvm::StringRef text, const Locate &locate,
                              Reporter *reporter);

} // namespace dale

#endif // DALE_FRONTEND_TOML_H
