//===- Gratings.cpp - Stimuli that measure tuning -------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/analysis/Gratings.h"

#include "runtime/device/Threads.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace dale::runtime;

static double radians(double degrees) {
  return degrees * std::numbers::pi / 180;
}

Grating Grating::at(int64_t index) {
  constexpr auto kinds = static_cast<int64_t>(frequencies.size());
  return {index / (kinds * phases), index / phases % kinds, index % phases};
}

int64_t Grating::index() const {
  return (orientation * static_cast<int64_t>(frequencies.size()) + frequency) *
             phases +
         phase;
}

double Grating::orientationDegrees() const {
  return 180.0 / orientations * static_cast<double>(orientation);
}

double Grating::phaseDegrees() const {
  return 360.0 / phases * static_cast<double>(phase);
}

std::vector<double> Grating::draw(int64_t height, int64_t width) const {
  double sine = std::sin(radians(orientationDegrees())),
         cosine = std::cos(radians(orientationDegrees())),
         shift = radians(phaseDegrees());
  // From the image's centre.
  auto place = [](int64_t pixel, int64_t pixels) {
    return ((static_cast<double>(pixel) + 0.5) / static_cast<double>(pixels) *
                2 -
            1) *
           std::numbers::pi;
  };
  std::vector<double> values;
  for (int64_t row = 0; row < height; ++row)
    for (int64_t column = 0; column < width; ++column)
      values.push_back(std::cos(
          static_cast<double>(cyclesPerImage()) *
              (-place(column, width) * sine + place(row, height) * cosine) +
          shift));
  return values;
}

/// Subtracts the mean and divides by max(deviation, 1 / √N), where N is the
/// number of an image's values: those of a channel, as often as there are
/// channels (models.md, "input").
static void standardize(std::vector<double> &pixels, int64_t channels) {
  double count = static_cast<double>(pixels.size()), mean = 0, variance = 0;
  for (double pixel : pixels)
    mean += pixel / count;
  for (double pixel : pixels)
    variance += (pixel - mean) * (pixel - mean) / count;
  double least = 1 / std::sqrt(count * static_cast<double>(channels)),
         deviation = std::max(std::sqrt(variance), least);
  for (double &pixel : pixels)
    pixel = (pixel - mean) / deviation;
}

static void showGrating(const Circuit &circuit, const Grating &grating,
                        std::byte *image) {
  std::vector<double> pixels = grating.draw(circuit.height, circuit.width);
  for (double &pixel : pixels)
    pixel = 127.5 * (1 + pixel);
  if (circuit.means.empty())
    standardize(pixels, circuit.channels);
  int64_t at = 0;
  for (double pixel : pixels)
    for (int64_t channel = 0; channel < circuit.channels; ++channel)
      storeReal(image, circuit.element, at++,
                circuit.means.empty() ? pixel : pixel - circuit.means[channel]);
}

void dale::runtime::showGratings(const Circuit &circuit, int64_t first,
                                 int64_t count, std::byte *images) {
  int64_t bytes = circuit.realBytes(circuit.imageElements());
  parallelFor(count, [&](int64_t i) {
    showGrating(circuit, Grating::at(first + i), images + i * bytes);
  });
}
