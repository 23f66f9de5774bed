//===- Batches.h - Batches of an epoch --------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Which images make a batch, and how each is cropped and flipped. Everything
/// depends on (seed, epoch, position) alone.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DATA_BATCHES_H
#define DALE_RUNTIME_DATA_BATCHES_H

#include "runtime/circuit/Circuit.h"
#include "runtime/data/ImageSet.h"
#include "runtime/device/Executor.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace dale::runtime {

/// The random part of augmentation (models.md, "input").
struct Augmentation {
  /// Pixels of zeros on each side; generated code knows the same number.
  int64_t pad = 0;
  bool flip = false;
  /// Otherwise every image is taken as it is.
  bool enabled = false;
  /// Of random crops that are resized to the circuit's input.
  std::optional<CropBounds> crop = {};
};

/// The label that stands for that of a training image where labels are random:
/// uniform, and the same in every epoch.
int32_t randomLabel(uint64_t seed, int64_t image, int64_t classes);

/// One epoch: all images once, in random order, in batches of one size. The
/// images that do not fill a last batch are left out of this epoch.
class EpochBatches {
public:
  /// With `randomClasses`, labels are random among so many. `resident`: the
  /// set's bytes() are (Executor::makeResident), and nothing crops them before.
  EpochBatches(const ImageSet &set, int64_t batch, uint64_t seed, int64_t epoch,
               const Augmentation &augmentation,
               std::optional<int64_t> randomClasses = {},
               bool resident = false);

  /// Fills bytes (unless they are resident), picks, labels, draws and keys of
  /// batch `step`.
  void fill(int64_t step, BatchBuffers &buffers) const;

  /// The shuffled order.
  const std::vector<uint32_t> &order() const { return permutation; }

private:
  void fillSlot(int64_t slot, int64_t position, BatchBuffers &buffers) const;

  const ImageSet &set;
  int64_t batch;
  uint64_t seed;
  int64_t epoch;
  Augmentation augmentation;
  std::optional<int64_t> randomClasses;
  bool resident;
  std::vector<uint32_t> permutation;
};

/// Fills the keys of `count` images with the random numbers of a place (an
/// epoch), from `first` on: an image's own, wherever in a batch it stands.
void fillKeys(uint64_t seed, int64_t place, int64_t first, int64_t count,
              BatchBuffers &buffers);

/// Takes over images, picks, labels and draws for another network.
void copyImages(const BatchBuffers &from, BatchBuffers &to);

/// Fills bytes (unless they are resident), picks, labels and draws with `count`
/// images from `first` on, as they are.
void fillInOrder(const ImageSet &set, int64_t first, int64_t count, int64_t pad,
                 BatchBuffers &buffers, bool resident = false);

} // namespace dale::runtime

#endif // DALE_RUNTIME_DATA_BATCHES_H
