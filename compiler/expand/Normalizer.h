//===- Normalizer.h - Norms, in training and in evaluation -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EXPAND_NORMALIZER_H
#define DALE_COMPILER_EXPAND_NORMALIZER_H

#include "compiler/expand/VariableReader.h"
#include "llvm/ADT/MapVector.h"

namespace dale::expand {

/// Whether a network normalizes with the batch's statistics or with the moving
/// averages.
enum class Mode { Training, Evaluation };

/// Builds norms (models.md, "batch norm"), and keeps track of the moving
/// averages that the batch leaves.
class Normalizer {
public:
  /// `count` is the number of images as a real number; null in evaluation.
  Normalizer(mlir::OpBuilder &builder, const Variables &variables,
             VariableReader &reader, Mode mode, mlir::Value count)
      : builder(builder), variables(variables), reader(reader), mode(mode),
        count(count) {}

  /// Normalizes a map with the norm of `owner`. `step` is none where there is
  /// no time.
  mlir::Value normalize(mlir::Location loc, llvm::StringRef owner,
                        NormAttr norm, mlir::Value x,
                        std::optional<int64_t> step);

  /// The flat buffer of the moving averages after this batch.
  mlir::Value packAverages(mlir::Location loc);

private:
  /// One norm at one time step.
  struct Instance {
    mlir::Location loc;
    llvm::StringRef owner;
    NormAttr norm;
    std::optional<int64_t> row;
  };

  /// (x − mean) / √(variance + ε) ∘ scale + offset, with the mean and variance
  /// of each image over its pixels and channels (Ba et al. 2016, for maps).
  mlir::Value normalizeByLayer(const Instance &instance, mlir::Value x);
  mlir::Value normalizeByBatch(const Instance &instance, mlir::Value x);
  mlir::Value normalizeByAverages(const Instance &instance, mlir::Value x);

  mlir::Value read(const Instance &instance, llvm::StringRef what);
  /// average ← decay · average + (1 − decay) · statistic.
  void updateAverage(const Instance &instance, llvm::StringRef what,
                     mlir::Value statistic);
  /// The sample's variance out of the population's: · n / (n − 1).
  mlir::Value unbiased(const Instance &instance, mlir::Value variance,
                       mlir::Value x);

  mlir::OpBuilder &builder;
  const Variables &variables;
  VariableReader &reader;
  Mode mode;
  mlir::Value count;
  /// In training: the latest value of each moving average, by variable and row
  /// (−1: the whole variable).
  llvm::MapVector<std::pair<mlir::Operation *, int64_t>, mlir::Value> updated;
  /// In evaluation: scale and offset of the map, per channel.
  llvm::DenseMap<std::pair<mlir::Operation *, int64_t>,
                 std::pair<mlir::Value, mlir::Value>>
      folded;
};

} // namespace dale::expand

#endif // DALE_COMPILER_EXPAND_NORMALIZER_H
