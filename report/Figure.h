//===- Figure.h - A figure of a report --------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_FIGURE_H
#define DALE_REPORT_FIGURE_H

#include "report/Csv.h"
#include "report/Palette.h"
#include "report/Plot.h"
#include "report/Run.h"

#include <string>
#include <string_view>
#include <vector>

namespace dale::report {

/// One picture.
struct Panel {
  /// Says what it shows, for those who do not see it.
  std::string title;
  Plot plot;
  /// Set when it is drawn.
  std::string svg = {};
};

/// Panels that belong together, as those of a condition.
struct Group {
  std::string heading;
  std::vector<Panel> panels;
  /// What the page's script shows of single units, in JSON; or nothing.
  std::string units = {};
};

struct Figure {
  std::string name;
  std::string title;
  /// What is shown, from which runs, n, how intervals were computed.
  std::string caption;
  std::vector<Group> groups;
  /// The numbers that are drawn.
  Table table;
  /// Each group is a figure for itself: of a run, not of a condition.
  bool separateGroups = false;
};

/// What figures are drawn from.
struct Sources {
  const Runs &runs;
  Palette palette;
  std::vector<std::string> conditions;

  explicit Sources(const Runs &runs);

  /// Conditions that have a panel of their own: a page with dozens of them is
  /// no help. The tables have all.
  std::vector<std::string> drawnConditions() const;
  /// " The first 8 of 64 conditions are drawn; the table has all.", or nothing.
  std::string drawnConditionsNote() const;
};

/// A figure, or why there is none.
struct FigureOrReason {
  Figure figure;
  std::string reason;

  FigureOrReason(Figure figure) : figure(std::move(figure)) {}
  FigureOrReason(std::string reason) : reason(std::move(reason)) {}
};

/// \name What captions of all figures say
/// @{
/// "n = 5 networks", "n = 3 to 5 networks"
std::string countNetworks(const std::vector<size_t> &counts);
/// How intervals were computed.
extern const char *const intervalNote;
/// "Standard (n = 5)"
std::string headingOf(const std::string &condition, size_t networks);
/// "epoch 3", "epochs 3 to 10"
std::string epochsOf(const Runs &runs);
/// @}

/// A place for each of `n` single networks around a group's.
double jitter(size_t index, size_t n);

} // namespace dale::report

#endif // DALE_REPORT_FIGURE_H
