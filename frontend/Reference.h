//===- Reference.h - The vocabulary as a page -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_REFERENCE_H
#define DALE_FRONTEND_REFERENCE_H

#include <string>

namespace dale {

/// The vocabulary as Markdown: a table of keys for each kind of table.
std::string printReference();

} // namespace dale

#endif // DALE_FRONTEND_REFERENCE_H
