//===- Gratings.h - Stimuli that measure tuning -----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The 432 gratings that tuning is measured with (models.md, "gratings"):
///
///     G(x, y) = cos(k · [−(x − π) sin θ + (y − π) cos θ] + φ)
///
/// 18 orientations θ (10° apart), 6 spatial frequencies k and 4 phases φ (90°
/// apart); x to the right, y down, pixel centres at (i + ½) / n · 2π.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_ANALYSIS_GRATINGS_H
#define DALE_RUNTIME_ANALYSIS_GRATINGS_H

#include "runtime/circuit/Circuit.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dale::runtime {

/// Places in the lists of orientations, frequencies and phases.
struct Grating {
  static constexpr int64_t orientations = 18;
  /// Cycles an image.
  static constexpr std::array<int64_t, 6> frequencies = {1, 2, 3, 4, 6, 8};
  static constexpr int64_t phases = 4;
  static constexpr int64_t count = orientations * frequencies.size() * phases;

  int64_t orientation = 0, frequency = 0, phase = 0;

  /// (orientation · 6 + frequency) · 4 + phase
  static Grating at(int64_t index);
  int64_t index() const;

  double orientationDegrees() const;
  int64_t cyclesPerImage() const { return frequencies[frequency]; }
  double phaseDegrees() const;

  /// G at the pixels of an image, [height, width].
  std::vector<double> draw(int64_t height, int64_t width) const;
};

/// Writes the gratings from `first` on as a circuit is shown them, real
/// [count, H, W, C]: pixels 127.5 · (1 + G), the same in all channels, then
/// standardized as any image is, or less the circuit's means.
void showGratings(const Circuit &circuit, int64_t first, int64_t count,
                  std::byte *images);

} // namespace dale::runtime

#endif // DALE_RUNTIME_ANALYSIS_GRATINGS_H
