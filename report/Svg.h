//===- Svg.h - Pictures in a page -------------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_SVG_H
#define DALE_REPORT_SVG_H

#include <string>
#include <string_view>
#include <vector>

namespace dale::report {

/// An SVG of gnuplot, made fit to stand beside others in one document: without
/// what is before its <svg> tag, without symbols that it does not use, and with
/// `prefix` before its ids. `title` is what a screen reader says.
std::string tidySvg(std::string_view drawn, std::string_view prefix,
                    std::string_view title, int width, int height);

/// A picture and where it stands in a larger one.
struct PlacedSvg {
  std::string_view svg;
  int x = 0, y = 0;
};

/// A text in a larger picture.
struct PlacedText {
  std::string text;
  int x = 0, y = 0;
};

/// An SVG file of several pictures.
std::string combineSvg(const std::vector<PlacedSvg> &pictures,
                       const std::vector<PlacedText> &texts, int width,
                       int height);

/// A text in HTML or XML, within an element or quotes.
std::string escaped(std::string_view text);

} // namespace dale::report

#endif // DALE_REPORT_SVG_H
