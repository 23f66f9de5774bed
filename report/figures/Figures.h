//===- Figures.h - All figures, by name -------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each function draws one of the paper's figures from the runs that have data
/// for it, or says what is missing. docs/report.md describes them.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_FIGURES_FIGURES_H
#define DALE_REPORT_FIGURES_FIGURES_H

#include "report/Figure.h"
#include "report/Statistics.h"

#include <span>

namespace dale::report {

FigureOrReason drawSelectivity(const Sources &sources);
FigureOrReason drawWeights(const Sources &sources);
FigureOrReason drawEIPlane(const Sources &sources);
FigureOrReason drawOverTraining(const Sources &sources);
FigureOrReason drawChannelGrid(const Sources &sources);
FigureOrReason drawTuning(const Sources &sources);
FigureOrReason drawVariants(const Sources &sources);
FigureOrReason drawDashboard(const Sources &sources);

struct FigureKind {
  const char *name;
  const char *title;
  FigureOrReason (*draw)(const Sources &sources);
};

/// In a page's order.
std::span<const FigureKind> figureKinds();

/// \name Parts that figures share
/// @{

/// The points of single networks around the place `x`.
std::string networkDots(Plot &plot, double x, const std::vector<double> &values,
                        const std::string &colour);

/// A mean with its interval: a large point and, where there is one, a bar.
struct Place {
  double x;
  Estimate estimate;
};
void drawEstimates(Plot &plot, const std::vector<Place> &places,
                   const std::string &colour, std::string_view title = "");

/// The columns n, mean, low, high of an estimate for a table.
void appendEstimate(std::vector<std::string> &row,
                    const std::optional<Estimate> &estimate);

/// Without analyses, most figures cannot be drawn.
inline constexpr const char *noAnalysis =
    "no run has an analysis: train with --analyze-at, or run 'analyze' on the "
    "checkpoints";
/// @}

} // namespace dale::report

#endif // DALE_REPORT_FIGURES_FIGURES_H
