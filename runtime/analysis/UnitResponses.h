//===- UnitResponses.h - What the units of a network do ---------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the units of a network do: generated code gives the responses of whole
/// maps, of which the units are the central places.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_ANALYSIS_UNITRESPONSES_H
#define DALE_RUNTIME_ANALYSIS_UNITRESPONSES_H

#include "runtime/circuit/Circuit.h"
#include "runtime/data/ImageSet.h"
#include "runtime/device/Executor.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace dale::runtime {

/// What a network makes of some images. Its values are the responses of all
/// units, [images, units], with each unit's averaged over the time steps. The
/// units are those of one population after the other, in the order of the
/// circuit's areas.
struct UnitBlock {
  /// The number of the first image.
  int64_t first = 0;
  int64_t images = 0, units = 0;
  std::vector<double> values;
  /// Of images of a data set: the class of each, and the one it is read out as.
  std::vector<int64_t> labels = {}, answers = {};

  double at(int64_t image, int64_t unit) const {
    return values[image * units + unit];
  }
};

/// Is given one block after the other, in the order of the images. False ends
/// the work.
using TakeBlock = std::function<bool(const UnitBlock &)>;

/// The channels of a population.
int64_t unitsOf(const Circuit &circuit, const Population &population);

/// Shows images to the network that an executor has loaded.
class UnitResponses {
public:
  /// With batches of `batch`; makes room for them.
  UnitResponses(const Circuit &circuit, Executor &executor, int64_t batch);

  /// Shows all gratings, or the images of a set as they are. False if `take`
  /// has ended it. Throws NotFinite if a response is not.
  bool toGratings(const TakeBlock &take);
  bool toImages(const ImageSet &set, const TakeBlock &take);

private:
  /// Waits for the responses to `count` images.
  UnitBlock collect(int64_t first, int64_t count);

  const Circuit &circuit;
  Executor &executor;
  int64_t batch;
  Batches batches;
  Buffer responses;
  /// Where each response's units stand in a block, by Circuit::responses; none
  /// where no population has it.
  std::vector<int64_t> places;
  int64_t units = 0;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_ANALYSIS_UNITRESPONSES_H
