//===- Dashboard.h - Parts of the figure "dashboard" ------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_FIGURES_DASHBOARD_H
#define DALE_REPORT_FIGURES_DASHBOARD_H

#include "report/Units.h"
#include "report/figures/Figures.h"

namespace dale::report {

/// The depthwise filters of each area, from the run's checkpoint; none where it
/// is gone.
std::vector<Panel> drawFilters(const Run &run);

/// All units as JSON, for the page's script: the names of metrics once, and of
/// each unit its values and, where responses were kept, its tuning curve.
std::string describeUnits(const Sources &sources, const Run &run,
                          const std::vector<UnitTable> &tables);

} // namespace dale::report

#endif // DALE_REPORT_FIGURES_DASHBOARD_H
