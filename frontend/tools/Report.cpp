//===- Report.cpp - dale report -------------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/Report.h"

#include "frontend/tools/StatusLine.h"
#include "report/Report.h"

#include "llvm/Support/raw_ostream.h"

using namespace dale;

int dale::reportRuns(const CommandLine &commandLine, const char *version) {
  using Status = report::ReportResult::Status;
  report::ReportOptions options;
  options.folders = commandLine.files;
  options.output =
      commandLine.output.empty() ? "report.html" : commandLine.output;
  options.figures = commandLine.figures;
  options.svgFolder = commandLine.svgFolder;
  options.version = version;
  StatusLine status;
  options.progress = [&](const std::string &what) { status.show(what); };
  report::ReportResult result = report::writeReport(options);
  status.show("");
  if (result.status == Status::Done) {
    llvm::outs() << result.message << '\n';
    return exitOk;
  }
  llvm::errs() << "dale: error: " << result.message << '\n';
  return result.status == Status::BadUsage ? exitUsage : exitError;
}
