//===- Curve.cpp - A curve drawn with letters -----------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

using namespace dale::runtime;

static constexpr int rows = 8;

/// A cell that is filled from below to `eighths` of its height.
static std::string_view cell(int eighths, bool unicode) {
  static constexpr std::array<std::string_view, 9> blocks = {
      " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (unicode)
    return blocks[eighths];
  return eighths >= 6 ? "#" : eighths >= 2 ? "." : " ";
}

std::string
dale::runtime::drawCurve(const std::vector<std::pair<int64_t, double>> &points,
                         int width, bool unicode) {
  if (points.size() < 2)
    return "";
  size_t columns = std::min<size_t>(points.size(), std::max(width, 8));
  std::vector<double> heights(columns);
  for (size_t column = 0; column < columns; ++column) {
    size_t first = column * points.size() / columns;
    size_t last = (column + 1) * points.size() / columns;
    for (size_t i = first; i < last; ++i)
      heights[column] += points[i].second / static_cast<double>(last - first);
  }
  // Few points make wide columns, where there is room.
  size_t room = static_cast<size_t>(std::max(width, 0));
  size_t repeat = std::clamp<size_t>(room / columns, 1, 4);

  auto [least, most] = std::minmax_element(heights.begin(), heights.end());
  double bottom = std::floor(*least * 100) / 100;
  double top = std::max(std::ceil(*most * 100) / 100, bottom + 0.01);

  std::string text;
  for (int row = rows - 1; row >= 0; --row) {
    bool labelled = row == rows - 1 || row == 0;
    text += labelled
                ? fmt::format("{:>5.0f} % ", 100 * (row == 0 ? bottom : top))
                : std::string(8, ' ');
    text += unicode ? (labelled ? "┤" : "│") : "|";
    for (double height : heights) {
      double filled = (height - bottom) / (top - bottom) * rows - row;
      // Even the lowest point leaves a mark.
      int least = row == 0 ? 1 : 0;
      int eighths = std::clamp(static_cast<int>(std::lround(8 * filled)),
                               unicode ? least : 2 * least, 8);
      for (size_t i = 0; i < repeat; ++i)
        text += cell(eighths, unicode);
    }
    text += '\n';
  }
  size_t plotWidth = columns * repeat;
  text += std::string(8, ' ') + (unicode ? "└" : "+");
  for (size_t i = 0; i < plotWidth; ++i)
    text += unicode ? "─" : "-";
  std::string first = fmt::format("{}", points.front().first);
  std::string last = fmt::format("{}", points.back().first);
  size_t gap = plotWidth > first.size() + last.size()
                   ? plotWidth - first.size() - last.size()
                   : 1;
  text += '\n' + std::string(9, ' ') + first + std::string(gap, ' ') + last +
          "  epoch\n";
  return text;
}
