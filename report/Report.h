//===- Report.h - dale report -----------------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A page of figures from runs. This header has nothing of what the library
/// uses, and its function throws nothing: it can be called from code that is
/// built without exceptions.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_REPORT_H
#define DALE_REPORT_REPORT_H

#include <functional>
#include <string>
#include <vector>

namespace dale::report {

struct ReportOptions {
  /// Folders of runs, or that hold some.
  std::vector<std::string> folders;
  /// The page to write.
  std::string output;
  /// Names of figures; empty: what the runs' experiments ask for, or all.
  std::vector<std::string> figures;
  /// Where each figure is written as a file too; empty: nowhere.
  std::string svgFolder;
  /// "dale 0.1.0"
  std::string version;
  /// Told what is being drawn.
  std::function<void(const std::string &)> progress;
};

struct ReportResult {
  enum class Status { Done, Failed, BadUsage };
  Status status = Status::Done;
  /// What was written, or what is wrong.
  std::string message;
};

/// Reads the runs, draws, and writes the page, which replaces the one that is
/// there only when it is whole.
ReportResult writeReport(const ReportOptions &options);

/// What figures there are: "selectivity", "weights", ...
std::vector<std::string> figureNames();

} // namespace dale::report

#endif // DALE_REPORT_REPORT_H
