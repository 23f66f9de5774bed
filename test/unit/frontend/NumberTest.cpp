//===- NumberTest.cpp - Tests of TOML's floats -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Number.h"
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>

using dale::formatNumber;
using dale::isHeldByFloat;

TEST(Number, IsAFloatInToml) {
  EXPECT_EQ(formatNumber(0), "0.0");
  EXPECT_EQ(formatNumber(1), "1.0");
  EXPECT_EQ(formatNumber(-3), "-3.0");
  EXPECT_EQ(formatNumber(0.997), "0.997");
  EXPECT_EQ(formatNumber(1e-5), "1e-05");
  EXPECT_EQ(formatNumber(1e22), "1e+22");
}

TEST(Number, ReadsBackAsItself) {
  for (double value : {0.1, 1.0 / 3, 2e-4, 5e-324, 1.7976931348623157e308})
    EXPECT_EQ(std::strtod(formatNumber(value).c_str(), nullptr), value);
}

TEST(Number, IsHeldByFloatWhereNoDigitIsLost) {
  for (double value : {0.0, -1.0, 1.2e-38, -3.4e38})
    EXPECT_TRUE(isHeldByFloat(value)) << value;
  for (double value : {1e-39, -1e-50, 3.5e38, double(INFINITY), double(NAN)})
    EXPECT_FALSE(isHeldByFloat(value)) << value;
}
