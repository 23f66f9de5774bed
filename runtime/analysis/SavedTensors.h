//===- SavedTensors.h - Responses and kernels as tensors --------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the numbers of an analysis come from, as safetensors: of each
/// population `gratings.<area>.<population>`, real [units, 18, 6, 4], the
/// tuning curves by orientation, frequency and phase, and
/// `images.<area>.<population>`, real [images, units], in the order of the test
/// set; of each projection `kernels.<area>.<projection>`, real [k, k, Cin,
/// Cout], as it is applied.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_ANALYSIS_SAVEDTENSORS_H
#define DALE_RUNTIME_ANALYSIS_SAVEDTENSORS_H

#include "runtime/analysis/UnitResponses.h"
#include "runtime/io/Safetensors.h"

#include <filesystem>
#include <functional>
#include <vector>

namespace dale::runtime {

/// What is kept in a file.
struct SavedTensors {
  bool gratings = false, images = false, kernels = false;

  bool any() const { return gratings || images || kernels; }
};

class SavedTensorsFile {
public:
  /// To be written for so many images. What is not saved may be handed over,
  /// and is left out.
  SavedTensorsFile(const std::filesystem::path &path, const Circuit &circuit,
                   int64_t images, SavedTensors saved);

  /// `curves`: [units, 432], the units in the order of a UnitBlock.
  void writeGratings(const std::vector<double> &curves);
  void writeImages(const UnitBlock &block);
  /// `parameters`: the model's, real [P].
  void writeKernels(const Buffer &parameters);

  void commit() { writer.commit(); }

private:
  /// Writes `rows` x `columns` elements of a tensor, from element `first` on.
  void write(const std::string &tensor, int64_t first, int64_t rows,
             int64_t columns,
             const std::function<double(int64_t row, int64_t column)> &value);

  const Circuit &circuit;
  SavedTensors saved;
  TensorWriter writer;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_ANALYSIS_SAVEDTENSORS_H
