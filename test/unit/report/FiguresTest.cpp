//===- FiguresTest.cpp - Tests of what figures show of their runs ---------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/figures/Figures.h"

#include <gtest/gtest.h>

#include <map>

using namespace dale::report;

namespace {
/// The figure "weights" of a network with one projection.
class Weights : public testing::Test {
protected:
  Weights() {
    analysis.threshold = 0.5;
    analysis.binsFrom = -40;
    analysis.binWidth = 0.5;
    projection.area = projection.sourceArea.emplace("v1");
    projection.name = "PN_to_IG";
    projection.source = "PN";
    projection.target = projection.population = "IG";
    projection.site = "current";
    projection.constraint = "abs";
    projection.weights = 100;
    projection.counts.assign(88, 0);
  }

  Figure draw() {
    analysis.projections = {projection};
    dale::report::Run run;
    run.condition = "Standard";
    run.analyses = {{0, analysis}};
    Runs runs;
    runs.runs = {run};
    return drawWeights(Sources(runs)).figure;
  }

  /// The script of the histogram onto IG, after the panel of densities.
  static std::string histogram(const Figure &figure) {
    return figure.groups.at(0).panels.at(1).plot.script();
  }

  static bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
  }

  Analysis analysis;
  Projection projection;
};
} // namespace

TEST_F(Weights, AThresholdIsALine) {
  projection.counts[70] = 100;
  Figure figure = draw();
  EXPECT_TRUE(contains(histogram(figure), "title 'threshold'"));
  EXPECT_TRUE(contains(figure.caption, "dashed: the threshold exp(-0.693)."))
      << figure.caption;
}

TEST_F(Weights, AThresholdOfZeroHasNoPlace) {
  analysis.threshold = 0;
  projection.counts[70] = 99; // from -5
  projection.zero = 1;
  Figure figure = draw();
  std::string script = histogram(figure);
  EXPECT_FALSE(contains(script, "inf")) << script;
  EXPECT_FALSE(contains(script, "title 'threshold'")) << script;
  EXPECT_TRUE(contains(script, "set xrange [-5:-4.5]")) << script;
  EXPECT_TRUE(
      contains(figure.caption, "the threshold is 0 and has no logarithm."))
      << figure.caption;

  // Nor does any weight have one.
  projection.counts[70] = 0;
  projection.zero = 100;
  script = histogram(draw());
  EXPECT_FALSE(contains(script, "inf")) << script;
  EXPECT_TRUE(contains(script, "set xrange [-40:4]")) << script;
}

/// Every weight is in one row of the table, those outside of the bins too.
TEST_F(Weights, WhatNoBinHoldsIsTold) {
  projection.counts[70] = 50;
  projection.zero = 20;
  projection.belowBins = 10;
  projection.aboveBins = 20;
  Figure figure = draw();
  EXPECT_TRUE(
      contains(histogram(figure), "title 'PN (30.0 % below, 20.0 % above)'"))
      << histogram(figure);
  std::map<std::string, std::string> values;
  for (const std::vector<std::string> &row : figure.table.rows)
    values[row[3]] = row[6];
  EXPECT_EQ(values, (std::map<std::string, std::string>{
                        {"density", "0"},
                        {"percent_zero_or_below_bins", "30"},
                        {"percent_above_bins", "20"},
                        {"percent_in_bin", "50"}}));
}
