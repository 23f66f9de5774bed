//===- Experiment.h - What an experiment file says -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_EXPERIMENT_H
#define DALE_FRONTEND_SWEEP_EXPERIMENT_H

#include "frontend/Node.h"
#include "frontend/Reporter.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dale::sweep {

/// A value of a circuit that an experiment changes, as --set does.
struct Override {
  std::string path;
  Node value;
  /// Of the path's first character.
  mlir::Location loc;

  /// PATH=VALUE, the value as TOML.
  std::string text() const;
};

/// One key of a [grid]: these paths take each of these values, together.
struct GridAxis {
  std::vector<std::pair<std::string, mlir::Location>> paths;
  std::vector<Node> values;
};

/// An option of `train` or `compile`.
struct Setting {
  /// With _ for -, as the file has it.
  std::string name;
  Node value;
  /// What the command gets: "--epochs", "10". Nothing for a flag that is false.
  std::vector<std::string> arguments;
};
using Settings = std::vector<Setting>;

/// A line of [circuits].
struct CircuitEntry {
  std::string name;
  mlir::Location loc;
  /// As it is written, relative to the experiment file.
  std::string file;
  mlir::Location fileLoc;
  std::vector<Override> overrides;
  std::vector<GridAxis> grid;
  Settings training;
};

/// An experiment file that has been read; its circuits have not.
struct Experiment {
  /// Path and text of the file.
  std::string path, text;
  std::string name, title;
  std::vector<std::string> figures;
  std::vector<uint64_t> seeds;
  Settings training, compile;
  std::vector<CircuitEntry> circuits;
  std::vector<Override> overrides;
  std::vector<GridAxis> grid;
  /// The folder that [training] names, or nothing.
  std::string data;

  /// `file`, as seen from where the experiment file is.
  std::string resolve(llvm::StringRef file) const;
};

/// Reads an experiment file. Whatever is wrong in it is reported, all of it;
/// what could be read is returned all the same, so that circuits can be checked
/// too. Nothing where the file is no TOML. `figures` are the names of those
/// that there are.
std::optional<Experiment> readExperiment(mlir::MLIRContext *context,
                                         llvm::StringRef path,
                                         llvm::ArrayRef<std::string> figures,
                                         Reporter &reporter);

/// "0..4", "0,3,7" or "0..2,7" as numbers, in that order. Otherwise nothing,
/// and `problem` says what is wrong.
std::optional<std::vector<uint64_t>> parseSeeds(llvm::StringRef text,
                                                std::string &problem);

/// The keys of a path, without their quotes; there is one at least.
llvm::SmallVector<std::string> keysOf(llvm::StringRef path);

/// A value as TOML.
std::string printValue(const Node &value);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_EXPERIMENT_H
