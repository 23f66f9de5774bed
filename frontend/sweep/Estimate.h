//===- Estimate.h - How long an experiment takes -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_ESTIMATE_H
#define DALE_FRONTEND_SWEEP_ESTIMATE_H

#include "frontend/sweep/SweepFolder.h"

namespace dale::sweep {

/// How long runs take, and how that is known.
struct Estimate {
  /// Of each run, from its beginning to its end. 0 where it is not known how
  /// many images there are.
  std::vector<double> seconds;
  /// "measured on 3 of 9 executables, the others by their operations"
  std::string basis;
};

/// Estimates from measurements of each executable that is there (`EXE bench`,
/// some steps, as many at a time as there will be jobs) the time that runs
/// take: three forward passes for an image of the training, one for an image
/// that is tested or analyzed. Of an executable that is not there yet, from the
/// operations that its circuit needs, at the rate of the others. Nothing if a
/// signal came.
std::optional<Estimate> estimate(const SweepFolder &folder, const Plan &plan,
                                 llvm::ArrayRef<RunState> states,
                                 llvm::StringRef data, size_t jobs,
                                 unsigned threads);

/// The number of training and test images in a folder with a data set, as far
/// as file sizes and names tell; `height` and `width` are of an image.
struct ImageCounts {
  int64_t train = 0, test = 0;
};
std::optional<ImageCounts> countImages(llvm::StringRef folder, int64_t height,
                                       int64_t width);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_ESTIMATE_H
