//===- SuggestTest.cpp - Tests of the nearest valid name -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Suggest.h"
#include <gtest/gtest.h>

using namespace dale;

TEST(Suggest, FindsSlips) {
  EXPECT_EQ(nearestName("chanels", {"sign", "channels"}), "channels");
  EXPECT_EQ(nearestName("PM", {"PN", "IG"}), "PN");
  EXPECT_EQ(nearestName("pn", {"PN", "IG"}), "PN");
  EXPECT_EQ(nearestName("lats", {"sum", "last"}), "last");
  EXPECT_EQ(nearestName("absolute", {"rectify", "abs"}), "abs");
  EXPECT_EQ(nearestName("chan", {"sign", "channels"}), "channels");
  EXPECT_EQ(nearestName("long_range", {"local", "long-range"}), "long-range");
}

TEST(Suggest, LeavesStrangersAlone) {
  EXPECT_EQ(nearestName("weight", {"sign", "channels"}), "");
  EXPECT_EQ(nearestName("j", {"i", "o"}), "");
  EXPECT_EQ(nearestName("", {"sign"}), "");
  EXPECT_EQ(nearestName("x", {}), "");
}

TEST(Suggest, EndsAnError) {
  EXPECT_EQ(suggest("PM", {"PN", "IG"}), "; did you mean 'PN'?");
  EXPECT_EQ(suggest("weight", {"a", "b", "c"}), "; expected a, b or c");
  EXPECT_EQ(suggest("weight", {}), "");
}
