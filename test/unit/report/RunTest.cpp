//===- RunTest.cpp - Tests of what an analysis says of a network ----------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Run.h"

#include <gtest/gtest.h>

using namespace dale::report;

/// Of `units` that have a gOSI, `mean` is the mean.
static Population populationOf(const std::string &area, const std::string &name,
                               bool principal, std::optional<double> mean,
                               int64_t units) {
  Population population;
  population.area = area;
  population.name = name;
  population.principal = principal;
  population.means[Gosi] = mean;
  population.measured[Gosi] = units;
  return population;
}

TEST(Differences, AreTakenWithinAreas) {
  Analysis analysis;
  analysis.populations = {
      populationOf("v1", "PN", true, 0.5, 4),
      populationOf("v1", "IG", false, 0.1, 3),
      populationOf("v1", "OG", false, 0.3, 1),
      populationOf("v2", "PN", true, 0.9, 2),
      populationOf("v2", "IG", false, 0.3, 2),
  };
  // 0.5 - (3 * 0.1 + 0.3) / 4 and 0.9 - 0.3
  EXPECT_NEAR(*analysis.unitDifference(Gosi), (0.35 + 0.6) / 2, 1e-12);
  EXPECT_FALSE(analysis.unitDifference(ImageSkewness));

  // Where all principal units of an area are silent, its interneurons count on
  // their own and not in the difference.
  analysis.populations[3] = populationOf("v2", "PN", true, std::nullopt, 0);
  EXPECT_NEAR(*analysis.unitDifference(Gosi), 0.35, 1e-12);
  EXPECT_NEAR(*analysis.unitMean(/*principal=*/true, Gosi), 0.5, 1e-12);
  EXPECT_NEAR(*analysis.unitMean(/*principal=*/false, Gosi), (0.15 + 0.3) / 2,
              1e-12);

  // No area has both sides.
  analysis.populations.erase(analysis.populations.begin());
  EXPECT_FALSE(analysis.unitDifference(Gosi));
}
