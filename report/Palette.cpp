//===- Palette.cpp - Colours that everybody can tell apart ----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Palette.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

using namespace dale::report;

/// The paper's populations. E is to the two-population circuit what PN is to
/// the others.
static const std::map<std::string, std::string> known = {
    {"PN", "#0072B2"}, {"E", "#0072B2"}, {"IG", "#D55E00"},
    {"OG", "#E69F00"}, {"I", "#CC79A7"}, {"input", "#009E73"},
};

/// For others. Okabe and Ito's yellow cannot be seen on white: grey is last.
static constexpr std::array others{"#56B4E9", "#000000", "#999999"};

Palette::Palette(std::vector<std::string> populations) : colours(known) {
  std::ranges::sort(populations);
  size_t next = 0;
  for (const std::string &population : populations)
    if (!colours.contains(population))
      colours[population] = others[next++ % others.size()];
}

std::string Palette::of(const std::string &population) const {
  auto colour = colours.find(population);
  // What no area holds comes from a feed-forward one.
  return colour == colours.end() ? colours.at("input") : colour->second;
}

std::string dale::report::conditionColour(size_t index) {
  static constexpr std::array colours{"#332288", "#882255", "#117733",
                                      "#999933", "#44AA99", "#AA4499",
                                      "#88CCEE", "#CC6677", "#DDCC77"};
  return colours[index % colours.size()];
}

int dale::report::pointType(size_t index) {
  static constexpr std::array types{7, 5, 9, 13, 11, 15};
  return types[index % types.size()];
}

using Colour = std::array<double, 3>;

static std::string hex(const Colour &colour) {
  auto byte = [](double value) {
    return static_cast<int>(std::lround(std::clamp(value, 0.0, 255.0)));
  };
  return fmt::format("#{:02x}{:02x}{:02x}", byte(colour[0]), byte(colour[1]),
                     byte(colour[2]));
}

/// Between evenly spaced colours, at a place in [0, 1].
template <size_t N>
static std::string between(const std::array<Colour, N> &colours, double place) {
  place = std::clamp(place, 0.0, 1.0) * (N - 1);
  size_t below = std::min(static_cast<size_t>(place), N - 2);
  double part = place - static_cast<double>(below);
  Colour mixed;
  for (size_t i = 0; i < 3; ++i)
    mixed[i] =
        colours[below][i] + part * (colours[below + 1][i] - colours[below][i]);
  return hex(mixed);
}

std::string dale::report::sequentialColour(double value) {
  static constexpr std::array<Colour, 5> cividis{{{0, 34, 78},
                                                  {65, 77, 107},
                                                  {124, 123, 120},
                                                  {188, 175, 111},
                                                  {254, 232, 56}}};
  return between(cividis, value);
}

std::string dale::report::divergingColour(double value) {
  static constexpr std::array<Colour, 3> colours{
      {{0, 114, 178}, {255, 255, 255}, {213, 94, 0}}};
  return between(colours, (value + 1) / 2);
}

int dale::report::colourNumber(const std::string &colour) {
  return std::stoi(colour.substr(1), nullptr, 16);
}

bool dale::report::isDark(const std::string &colour) {
  int number = colourNumber(colour);
  // Rec. 601's weights of red, green and blue.
  return 0.299 * (number >> 16) + 0.587 * (number >> 8 & 255) +
             0.114 * (number & 255) <
         140;
}
