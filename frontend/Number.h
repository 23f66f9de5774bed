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

} // namespace dale

#endif // DALE_FRONTEND_NUMBER_H
