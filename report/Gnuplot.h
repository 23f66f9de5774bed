//===- Gnuplot.h - Runs gnuplot ---------------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_GNUPLOT_H
#define DALE_REPORT_GNUPLOT_H

#include <string>
#include <vector>

namespace dale::report {

/// What gnuplot makes of scripts that write to the standard output, in their
/// order; several are drawn at the same time. Throws where gnuplot is missing,
/// or where it cannot draw one.
std::vector<std::string> runGnuplot(const std::vector<std::string> &scripts);

} // namespace dale::report

#endif // DALE_REPORT_GNUPLOT_H
