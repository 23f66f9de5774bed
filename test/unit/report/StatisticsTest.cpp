//===- StatisticsTest.cpp - Tests of means and their intervals ------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Statistics.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace dale::report;

TEST(Statistics, MeanOfNothingIsNoEstimate) {
  EXPECT_FALSE(estimate({}));
  EXPECT_EQ(mean({}), 0);
}

TEST(Statistics, OneNetworkHasNoInterval) {
  std::optional<Estimate> one = estimate({0.25});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->mean, 0.25);
  EXPECT_EQ(one->n, 1u);
  EXPECT_FALSE(one->interval);
  EXPECT_EQ(one->low(), 0.25);
  EXPECT_EQ(one->high(), 0.25);
}

TEST(Statistics, QuantilesAreInterpolated) {
  // By hand: the place of q in n values is q (n − 1).
  std::vector<double> values{1, 2, 4, 8};
  EXPECT_DOUBLE_EQ(quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(values, 1), 8);
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile(values, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile({5}, 0.3), 5);
}

TEST(Statistics, EqualNetworksAreSure) {
  Estimate equal = *estimate({2, 2, 2, 2});
  EXPECT_EQ(equal.mean, 2);
  ASSERT_TRUE(equal.interval);
  EXPECT_EQ(equal.low(), 2);
  EXPECT_EQ(equal.high(), 2);
}

TEST(Statistics, TwoNetworksCoverBothValues) {
  // A resample is twice the lower one with probability 1/4, so the interval's
  // ends, of 2.5 % each, are the values.
  Estimate two = *estimate({0, 1});
  EXPECT_EQ(two.mean, 0.5);
  EXPECT_EQ(two.low(), 0);
  EXPECT_EQ(two.high(), 1);
}

TEST(Statistics, TheMeansAreBinomial) {
  // Of 0 and 1, nine of ten 1: a resample's sum is binomial(10, 0.9), whose
  // distribution function is 0.0128 at 6 and 0.0702 at 7, and 0.6513 at 9.
  Estimate estimated = *estimate({1, 1, 1, 1, 0, 1, 1, 1, 1, 1});
  EXPECT_DOUBLE_EQ(estimated.low(), 0.7);
  EXPECT_DOUBLE_EQ(estimated.high(), 1);
}

TEST(Statistics, TheOrderOfNetworksDoesNotMatter) {
  Estimate a = *estimate({0.1, 0.7, 0.3, 1e-9}),
           b = *estimate({1e-9, 0.3, 0.7, 0.1});
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.interval, b.interval);
}

TEST(Statistics, TheSeedDecides) {
  std::vector<double> values{0.12, 0.5, 0.31, 0.94, 0.77};
  EXPECT_EQ(estimate(values)->interval, estimate(values)->interval);
  Bootstrap other;
  other.seed = 2;
  EXPECT_NE(estimate(values)->interval, estimate(values, other)->interval);
}

TEST(Statistics, DrawsStayWhatTheyWere) {
  // Figures that were published are drawn again as they were.
  Estimate estimated = *estimate({0.12, 0.5, 0.31, 0.94, 0.77});
  EXPECT_DOUBLE_EQ(estimated.low(), 0.272);
  EXPECT_DOUBLE_EQ(estimated.high(), 0.784);
}

TEST(Statistics, LessConfidenceIsNarrower) {
  std::vector<double> values{0.12, 0.5, 0.31, 0.94, 0.77};
  Bootstrap half;
  half.confidence = 0.5;
  EXPECT_GT(estimate(values, half)->low(), estimate(values)->low());
  EXPECT_LT(estimate(values, half)->high(), estimate(values)->high());
}
