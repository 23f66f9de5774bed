//===- Palette.h - Colours that everybody can tell apart --------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Okabe and Ito, "Color universal design" (2008): eight colours that differ
/// for people with any kind of colour vision, and in print. A population has
/// the same one in all figures of a page.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_REPORT_PALETTE_H
#define DALE_REPORT_PALETTE_H

#include <map>
#include <string>
#include <vector>

namespace dale::report {

class Palette {
public:
  /// Colours for these populations: those of the paper have their own, others
  /// the next ones in the order of their names.
  explicit Palette(std::vector<std::string> populations);

  /// "#0072B2" of a population, or of the input from feed-forward areas.
  std::string of(const std::string &population) const;

private:
  std::map<std::string, std::string> colours;
};

/// Of a condition: colours of their own, so that none is taken for a
/// population (Tol, "Colour schemes" (2021), the muted one, safe as well).
std::string conditionColour(size_t index);

/// gnuplot's point types that can be told apart, filled ones first.
int pointType(size_t index);

/// "#rrggbb" of a value in [0, 1]: from blue to yellow, even in lightness:
/// cividis of Nuñez, Anderton and Renslow (2018).
std::string sequentialColour(double value);

/// "#rrggbb" of a value in [-1, 1]: blue, white at 0, orange.
std::string divergingColour(double value);

/// 0xrrggbb of "#rrggbb".
int colourNumber(const std::string &colour);

/// Whether text on a colour "#rrggbb" is read best in white.
bool isDark(const std::string &colour);

} // namespace dale::report

#endif // DALE_REPORT_PALETTE_H
