//===- Wiring.h - Populations and their projections -------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Populations, and the projections between them, as CircuitABI.h describes
/// them: what an analysis must know to say whose unit and whose weight it is.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CIRCUIT_WIRING_H
#define DALE_RUNTIME_CIRCUIT_WIRING_H

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime {

enum class Sign { Excitatory, Inhibitory };
std::string_view nameOf(Sign sign);

/// What is applied of a variable W: |W|, max(W, 0) or W.
enum class Constraint { Abs, Rectify, Free };
std::string_view nameOf(Constraint constraint);

enum class Range { Local, LongRange };
std::string_view nameOf(Range range);

/// What a projection reaches of a population: its own current, or what a gate
/// acts on.
enum class Site { Current, Memory, Input, Output };
std::string_view nameOf(Site site);

struct Population {
  std::string name;
  /// Whether it projects out of its area; the others are interneurons.
  bool principal = false;
  /// Of its projections, unless they say otherwise.
  std::optional<Sign> sign;
  /// Its place in Circuit::responses.
  size_t response = 0;
};

struct Projection {
  /// The source's area; none if the source is what the area reads from below.
  std::optional<std::string> sourceArea;
  std::string source;
  /// A population, or a gate.
  std::string target;
  /// The place, in its area, of the population that is the target or that the
  /// gate acts on.
  size_t population = 0;
  Site site = Site::Current;
  Range range = Range::Local;
  Sign sign = Sign::Excitatory;
  Constraint constraint = Constraint::Abs;
  /// The places of its variables in Circuit::parameters: a regular kernel
  /// [k, k, Cin, Cout] (of feedback [k, k, Cout, Cin]), or a depthwise
  /// [k, k, Cin] and a pointwise [Cin, Cout].
  std::vector<size_t> kernel;
  /// Whether the source is in an area above.
  bool feedback = false;

  /// "P_to_f", "v2.P_to_f"
  std::string nameIn(std::string_view area) const;
};

/// A recurrent area.
struct Area {
  std::string name;
  std::vector<Population> populations;
  std::vector<Projection> projections;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_CIRCUIT_WIRING_H
