//===- Override.h - --set PATH=VALUE -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_OVERRIDE_H
#define DALE_FRONTEND_OVERRIDE_H

#include "frontend/Node.h"
#include "frontend/Reporter.h"

namespace dale {

/// How the locations of an override begin; what follows is its text.
inline constexpr llvm::StringLiteral overridePrefix = "--set ";

/// Lays one override of the command line over a circuit file.
void applyOverride(Node &circuit, llvm::StringRef override, Reporter &reporter);

} // namespace dale

#endif // DALE_FRONTEND_OVERRIDE_H
