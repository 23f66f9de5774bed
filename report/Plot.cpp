//===- Plot.cpp - Scripts for gnuplot -------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Plot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>

using namespace dale::report;

std::string dale::report::quoted(std::string_view text) {
  std::string result = "'";
  for (char letter : text) {
    if (static_cast<unsigned char>(letter) < ' ' || letter == 0x7f)
      letter = ' ';
    result += letter;
    if (letter == '\'')
      result += '\'';
  }
  return result + "'";
}

static std::string number(double value) {
  return std::isnan(value) ? "NaN" : fmt::format("{:.8g}", value);
}

Plot::Plot(int width, int height) : wide(width), high(height) {
  command("set border 3 linecolor rgb '#444444'");
  command("set tics nomirror out scale 0.5 textcolor rgb '#222222'");
  command("unset key");
  command("set tmargin 1.9");
  // gnuplot leaves more room between an axis and its texts than there need be.
  command("set xtics offset 0,0.35");
  command("set ylabel offset 1,0");
  command("set xlabel offset 0,0.6");
}

void Plot::command(std::string_view text) {
  commands += text;
  commands += '\n';
}

void Plot::title(std::string_view text) {
  command(fmt::format("set title {} offset 0,-0.4", quoted(text)));
}

void Plot::xLabel(std::string_view text) {
  command("set xlabel " + quoted(text));
}

void Plot::yLabel(std::string_view text) {
  command("set ylabel " + quoted(text));
}

static std::string range(double low, double high) {
  auto end = [](double value) {
    return std::isnan(value) ? "*" : number(value);
  };
  return fmt::format("[{}:{}]", end(low), end(high));
}

void Plot::xRange(double low, double high) {
  command("set xrange " + range(low, high));
}

void Plot::yRange(double low, double high) {
  command("set yrange " + range(low, high));
}

namespace {
struct NiceRange {
  double low, high, step;
};
} // namespace

static NiceRange niceRange(double low, double high) {
  // What differs in its last digits alone is one number: a script has fewer.
  if (!(high - low > 1e-6 * std::max(std::abs(low), std::abs(high)))) {
    double margin = std::max(std::abs(low) * 0.1, 1e-6);
    low -= margin;
    high += margin;
  }
  // 1, 2 or 5 times a power of ten, so that there are 3 to 6 tics.
  double rough = (high - low) / 5;
  double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (double factor : {1.0, 2.0, 5.0})
    if (rough <= factor * power) {
      step = factor * power;
      break;
    }
  return {std::floor(low / step + 1e-9) * step,
          std::ceil(high / step - 1e-9) * step, step};
}

void Plot::yNice(double low, double high) {
  NiceRange nice = niceRange(low, high);
  yRange(nice.low, nice.high);
  command("set ytics " + number(nice.step));
}

void Plot::xNice(double low, double high) {
  NiceRange nice = niceRange(low, high);
  xRange(nice.low, nice.high);
  command("set xtics " + number(nice.step));
}

static std::string ticList(const Plot::Tics &tics) {
  std::vector<std::string> items;
  for (const auto &[place, text] : tics)
    items.push_back(fmt::format("{} {}", quoted(text), number(place)));
  return fmt::format("({})", fmt::join(items, ", "));
}

void Plot::xTics(const Tics &tics, int angle) {
  command(fmt::format("set xtics {}{}",
                      angle ? fmt::format("rotate by {} right ", angle) : "",
                      ticList(tics)));
}

void Plot::yTics(const Tics &tics) { command("set ytics " + ticList(tics)); }

void Plot::key(std::string_view where) {
  command(fmt::format("set key {} samplen 1.5 spacing 1.1 textcolor rgb "
                      "'#222222'",
                      where));
}

void Plot::keyBelow(int rows, int columns) {
  command(fmt::format("set bmargin {:.2f}", 2.9 + 1.35 * rows));
  command(fmt::format("set key at screen 0.5, char {:.2f} center center "
                      "horizontal maxcols {} Left reverse samplen 1.5 "
                      "textcolor rgb '#222222'",
                      0.3 + 0.65 * rows, columns));
}

void Plot::label(std::string_view text, std::string_view position,
                 std::string_view options) {
  command(
      fmt::format("set label {} at {} {}", quoted(text), position, options));
}

void Plot::line(std::string_view from, std::string_view to,
                std::string_view options) {
  command(fmt::format("set arrow from {} to {} nohead {}", from, to, options));
}

std::string Plot::data(const std::vector<Row> &rows) {
  std::string name = fmt::format("$data{}", ++blockCount);
  blocks += name + " << END_OF_DATA\n";
  for (const Row &row : rows) {
    for (size_t i = 0; i < row.size(); ++i)
      blocks += fmt::format("{}{}", i ? " " : "", number(row[i]));
    blocks += '\n';
  }
  blocks += "END_OF_DATA\n";
  return name;
}

void Plot::draw(std::string_view element, std::string_view title) {
  elements.push_back(fmt::format(
      "{} {}", element, title.empty() ? "notitle" : "title " + quoted(title)));
}

std::string Plot::script() const {
  return fmt::format("set encoding utf8\n"
                     "set terminal svg size {},{} dynamic noenhanced font "
                     "'Helvetica,12' background '#ffffff' butt\n{}{}plot {}\n",
                     wide, high, commands, blocks, fmt::join(elements, ", "));
}
