//===- Page.h - The page of a report ----------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_PAGE_PAGE_H
#define DALE_REPORT_PAGE_PAGE_H

#include "report/Figure.h"

namespace dale::report {

/// A figure that is not in the page.
struct Omission {
  std::string name;
  std::string title;
  std::string reason;
};

struct Page {
  std::string title;
  /// Of dale.
  std::string version;
  const Runs &runs;
  std::vector<Figure> figures;
  std::vector<Omission> omissions;
};

/// The whole page, in one file that needs no other. The same page has the same
/// bytes.
std::string printPage(const Page &page);

} // namespace dale::report

#endif // DALE_REPORT_PAGE_PAGE_H
