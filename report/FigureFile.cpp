//===- FigureFile.cpp - Figures as files of their own ---------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/FigureFile.h"

#include "report/Svg.h"

#include "runtime/Error.h"
#include "runtime/io/AtomicFile.h"

#include <algorithm>
#include <filesystem>
#include <set>

using namespace dale::report;
using namespace dale::runtime;
namespace fs = std::filesystem;

/// Of a page of a paper, in pixels.
static constexpr int pageWidth = 1000, gap = 12, headingHeight = 26;

std::string dale::report::layOut(const std::vector<const Group *> &groups) {
  std::vector<PlacedSvg> pictures;
  std::vector<PlacedText> texts;
  int y = 0, width = 0;
  for (const Group *group : groups) {
    if (!group->heading.empty()) {
      texts.push_back({group->heading, gap, y + headingHeight - 8});
      y += headingHeight;
    }
    int x = 0, rowHeight = 0;
    for (const Panel &panel : group->panels) {
      if (x > 0 && x + panel.plot.width() > pageWidth) {
        y += rowHeight + gap;
        x = rowHeight = 0;
      }
      pictures.push_back({panel.svg, x, y});
      x += panel.plot.width() + gap;
      rowHeight = std::max(rowHeight, panel.plot.height());
      width = std::max(width, x - gap);
    }
    y += rowHeight + gap;
  }
  return combineSvg(pictures, texts, width, std::max(y - gap, 1));
}

/// Letters, digits and little else.
static std::string fileName(std::string_view text) {
  std::string name;
  for (char letter : text) {
    bool plain =
        (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
        (letter >= '0' && letter <= '9') || letter == '.' || letter == '=';
    if (plain)
      name += letter;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (name.ends_with('-'))
    name.pop_back();
  return name;
}

size_t dale::report::writeFigureFiles(const std::vector<Figure> &figures,
                                      const std::string &folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    fail("{}: cannot be made: {}; choose a folder that you may write to",
         folder, error.message());
  fs::path root = folder;
  size_t count = 0;
  auto write = [&](const std::string &name, const std::string &text) {
    writeTextFile(root / name, text);
    ++count;
  };
  // Headings that differ in other letters only have files of their own.
  std::set<std::string> taken;
  auto pictureOf = [&](const Figure &figure, const Group &group) {
    std::string name =
        fmt::format("{}-{}", figure.name, fileName(group.heading));
    std::string unlike = name;
    for (int number = 2; !taken.insert(unlike).second; ++number)
      unlike = fmt::format("{}-{}", name, number);
    return unlike + ".svg";
  };
  for (const Figure &figure : figures) {
    std::vector<const Group *> groups;
    for (const Group &group : figure.groups) {
      groups.push_back(&group);
      if (figure.separateGroups)
        write(pictureOf(figure, group), layOut({&group}));
    }
    if (!figure.separateGroups)
      write(figure.name + ".svg", layOut(groups));
    write(figure.name + ".csv", figure.table.csv());
  }
  return count;
}
