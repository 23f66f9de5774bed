//===- Number.cpp - Numbers as TOML -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Number.h"
#include <charconv>
#include <cmath>
#include <limits>

std::string dale::formatNumber(double value) {
  char buffer[32];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  (void)error; // 32 characters hold the shortest form of every double.
  std::string text(buffer, end);
  // A TOML float has a fraction or an exponent; inf and nan have an n.
  if (text.find_first_of(".en") == std::string::npos)
    text += ".0";
  return text;
}

bool dale::isHeldByFloat(double value) {
  double size = std::abs(value);
  return value == 0 || (size >= std::numeric_limits<float>::min() &&
                        size <= std::numeric_limits<float>::max());
}
