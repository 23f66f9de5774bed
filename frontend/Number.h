//===- Number.h - Numbers as TOML -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_NUMBER_H
#define DALE_FRONTEND_NUMBER_H

#include <string>

namespace dale {

/// The shortest TOML float that reads back as this value.
std::string formatNumber(double value);

/// Whether a number is 0, or one that f32 holds with all of its digits: others
/// are zero or infinite there, or have lost some.
bool isHeldByFloat(double value);

/// The numbers other than 0 for which that holds, for an error.
inline constexpr const char *heldByFloat =
    "a number that 32 bits hold, of a size from 1.2e-38 to 3.4e+38";

} // namespace dale

#endif // DALE_FRONTEND_NUMBER_H
