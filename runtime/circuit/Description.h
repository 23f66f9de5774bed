//===- Description.h - Parsing a circuit's description ----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the parts of the parser of a circuit's description share.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CIRCUIT_DESCRIPTION_H
#define DALE_RUNTIME_CIRCUIT_DESCRIPTION_H

#include "runtime/circuit/Circuit.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace dale::runtime {

/// Such an error is the compiler's: the user can only compile again.
[[noreturn]] void failDescription(const std::string &what);

/// Parses "areas" for a circuit whose variables and responses are known.
std::vector<Area> parseAreas(const nlohmann::json &areas,
                             const Circuit &circuit);

} // namespace dale::runtime

#endif // DALE_RUNTIME_CIRCUIT_DESCRIPTION_H
