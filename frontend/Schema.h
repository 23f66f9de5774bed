//===- Schema.h - A JSON Schema of circuit files -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SCHEMA_H
#define DALE_FRONTEND_SCHEMA_H

#include <string>

namespace dale {

/// The vocabulary as a JSON Schema, draft 7, with which editors complete and
/// check circuit files. It says what one file can look like; what only shows
/// when the circuit is put together (names, signs, cycles) is for `dale check`.
std::string printSchema();

} // namespace dale

#endif // DALE_FRONTEND_SCHEMA_H
