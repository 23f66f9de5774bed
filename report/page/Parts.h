//===- Parts.h - Files that are in every page -------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_PAGE_PARTS_H
#define DALE_REPORT_PAGE_PARTS_H

namespace dale::report {

/// page/style.css and page/page.js, put in when dale is built.
extern const char *const pageStyle;
extern const char *const pageScript;

} // namespace dale::report

#endif // DALE_REPORT_PAGE_PARTS_H
