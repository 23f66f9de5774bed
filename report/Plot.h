//===- Plot.h - Scripts for gnuplot -----------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What gnuplot is asked to draw. Names and texts that come from files are
/// quoted here, and are drawn letter by letter: gnuplot interprets nothing of
/// them. Numbers go into named blocks of data.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_PLOT_H
#define DALE_REPORT_PLOT_H

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dale::report {

inline constexpr double none = std::numeric_limits<double>::quiet_NaN();

class Plot {
public:
  using Row = std::vector<double>;
  using Tics = std::vector<std::pair<double, std::string>>;

  /// In pixels of a page.
  Plot(int width, int height);

  int width() const { return wide; }
  int height() const { return high; }

  void title(std::string_view text);
  void xLabel(std::string_view text);
  void yLabel(std::string_view text);
  /// none leaves an end to the data.
  void xRange(double low, double high);
  void yRange(double low, double high);
  /// A range that holds both values, from round number to round number.
  void yNice(double low, double high);
  void xNice(double low, double high);
  /// Texts at places; `angle` in degrees turns them.
  void xTics(const Tics &tics, int angle = 0);
  void yTics(const Tics &tics);
  /// Where the names of lines stand: "top right inside" and the like; by
  /// default there are none.
  void key(std::string_view where);
  /// The names of lines in so many rows below the axis' title.
  void keyBelow(int rows, int columns);
  /// A text at a place; `options` are gnuplot's: "center textcolor rgb '#000'".
  void label(std::string_view text, std::string_view position,
             std::string_view options = "");
  /// A line from a place to another.
  void line(std::string_view from, std::string_view to,
            std::string_view options = "");

  /// Another command, without anything that comes from a file.
  void command(std::string_view text);

  /// Adds data and returns its name.
  std::string data(const std::vector<Row> &rows);

  /// Adds an element: "NAME using 1:2 with lines". Without a title it is not
  /// among the names of lines.
  void draw(std::string_view element, std::string_view title = "");

  bool isEmpty() const { return elements.empty(); }

  /// The whole script. It writes an SVG to the standard output.
  std::string script() const;

private:
  int wide, high;
  std::string commands, blocks;
  std::vector<std::string> elements;
  int blockCount = 0;
};

/// A text in gnuplot's single quotes, on one line.
std::string quoted(std::string_view text);

} // namespace dale::report

#endif // DALE_REPORT_PLOT_H
