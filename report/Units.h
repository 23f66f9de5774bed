//===- Units.h - Single units of an analysis --------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What analysis.csv and analysis.safetensors tell of each unit.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_UNITS_H
#define DALE_REPORT_UNITS_H

#include "report/Run.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dale::report {

struct Unit {
  /// By its name in analysis.csv; what a unit does not have is not there.
  std::map<std::string, double> metrics;

  std::optional<double> get(const std::string &metric) const;
};

struct UnitTable {
  std::string area;
  std::string population;
  std::vector<Unit> units;
};

/// Of each population of an analysis, in its order; none where there is no
/// analysis.csv.
std::vector<UnitTable> readUnits(const Analysis &analysis);

/// Responses to gratings: 18 orientations × 6 frequencies × 4 phases, as
/// docs/analysis.md has them.
inline constexpr int orientations = 18, frequencies = 6, phases = 4;
inline constexpr std::array cyclesPerImage{1, 2, 3, 4, 6, 8};
inline constexpr double degreesApart = 10;

/// The responses of one unit to all gratings.
using Responses = std::vector<double>;

/// A unit's responses by orientation, at the frequency and phase of its largest
/// response.
std::vector<double> tuningCurve(const Responses &responses);

/// Whether an analysis has kept responses to gratings.
bool hasGratings(const Analysis &analysis);

/// The responses of all units of a population.
std::vector<Responses> readGratings(const Analysis &analysis,
                                    const std::string &area,
                                    const std::string &population);

} // namespace dale::report

#endif // DALE_REPORT_UNITS_H
