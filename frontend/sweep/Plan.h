//===- Plan.h - The conditions and runs of an experiment -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_PLAN_H
#define DALE_FRONTEND_SWEEP_PLAN_H

#include "frontend/sweep/Experiment.h"
#include <memory>

namespace dale::sweep {

/// A circuit with its overrides, and how it is trained.
struct Condition {
  /// Safe as the name of a folder: "Standard", "Standard,PN=8,IG=4".
  std::string name;
  const CircuitEntry *circuit = nullptr;
  /// All that are applied, in this order; those of the grid are the last.
  std::vector<Override> overrides;
  size_t gridOverrides = 0;
  Settings training;
  /// The effective circuit file.
  std::string source;
  /// Of Plan::executables.
  size_t executable = 0;

  llvm::ArrayRef<Override> grid() const {
    return llvm::ArrayRef<Override>(overrides).take_back(gridOverrides);
  }
};

/// A circuit that is compiled once.
struct Executable {
  /// That of the first condition which has it.
  std::string name;
  std::string source;
  /// Of a training step on one image.
  double flopsPerImage = 0;
  /// Of an image, in pixels.
  int64_t height = 0, width = 0;
  /// What the circuit says, or the runtime where it does not.
  int64_t batch = 128, epochs = 1;
  /// Of the training images.
  double fraction = 1;
};

struct Run {
  size_t condition = 0;
  uint64_t seed = 0;
  /// Within the folder of the sweep.
  std::string folder;
};

/// Everything that an experiment is.
struct Plan {
  Experiment experiment;
  std::vector<Condition> conditions;
  std::vector<Executable> executables;
  std::vector<Run> runs;
};

/// Far more than can be trained, and little enough to be told at once.
inline constexpr size_t mostConditions = 10000;
inline constexpr size_t mostRuns = 1000000;

/// The conditions of an experiment: its circuits, each with every combination
/// of the grid. Reports combinations that would have the same name, and too
/// many of them; these are not made.
std::vector<Condition> expandConditions(const Experiment &experiment,
                                        Reporter &reporter);

/// Reads an experiment and all of its circuits. All errors of all files are
/// reported, at their places; those of an override in the experiment file.
/// `seeds` are those of the command line, if it says any, and `figures` the
/// names that an experiment can ask a report for.
mlir::FailureOr<std::unique_ptr<Plan>>
makePlan(mlir::MLIRContext &context, llvm::StringRef file,
         const std::optional<std::vector<uint64_t>> &seeds,
         llvm::ArrayRef<std::string> figures);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_PLAN_H
