//===- Tuning.cpp - Responses of one unit to gratings ---------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/analysis/Tuning.h"

#include "runtime/analysis/Moments.h"

#include <algorithm>
#include <complex>
#include <numbers>

using namespace dale::runtime;

static std::optional<double> measureGosi(std::span<const double> responses,
                                         Grating grating) {
  std::complex<double> vector = 0;
  double sum = 0;
  for (grating.orientation = 0; grating.orientation < Grating::orientations;
       ++grating.orientation) {
    double response = responses[grating.index()];
    double twice = 2 * grating.orientationDegrees() * std::numbers::pi / 180;
    vector += std::polar(1.0, twice) * response;
    sum += response;
  }
  if (!(sum > 0))
    return std::nullopt;
  return std::abs(vector) / sum;
}

Tuning dale::runtime::measureTuning(std::span<const double> responses) {
  Tuning tuning;
  auto largest = std::ranges::max_element(responses);
  tuning.largest = *largest;
  if (tuning.largest > 0) {
    tuning.preferred = Grating::at(largest - responses.begin());
    tuning.gosi = measureGosi(responses, *tuning.preferred);
  }
  Moments moments;
  for (double response : responses)
    moments.add(response);
  tuning.skewness = moments.skewness();
  return tuning;
}
