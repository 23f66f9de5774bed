//===- FigureFile.h - Figures as files of their own -------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_FIGUREFILE_H
#define DALE_REPORT_FIGUREFILE_H

#include "report/Figure.h"

namespace dale::report {

/// Writes each figure as NAME.svg and its table as NAME.csv; a figure whose
/// groups stand for themselves as NAME-GROUP.svg. Makes the folder.
///
/// \returns how many files these are.
size_t writeFigureFiles(const std::vector<Figure> &figures,
                        const std::string &folder);

/// The panels of groups as one picture, in rows below headings.
std::string layOut(const std::vector<const Group *> &groups);

} // namespace dale::report

#endif // DALE_REPORT_FIGUREFILE_H
