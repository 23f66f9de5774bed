//===- RunFolder.h - Where a training run keeps its files -------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The folder of one run.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_RUNFOLDER_H
#define DALE_RUNTIME_TRAIN_RUNFOLDER_H

#include <filesystem>
#include <string>

namespace dale::runtime {

class RunFolder {
public:
  explicit RunFolder(std::filesystem::path path) : root(std::move(path)) {}

  const std::filesystem::path &path() const { return root; }
  std::filesystem::path checkpoint() const {
    return root / "checkpoint.safetensors";
  }
  std::filesystem::path metrics() const { return root / "metrics.csv"; }
  std::filesystem::path summary() const { return root / "summary.json"; }
  std::filesystem::path source() const { return root / "circuit.toml"; }

  /// \name What an analysis writes
  /// @{
  std::filesystem::path analysis() const { return root / "analysis.csv"; }
  std::filesystem::path analysisSummary() const {
    return root / "analysis.json";
  }
  std::filesystem::path responses() const {
    return root / "analysis.safetensors";
  }
  /// @}

  /// The weights after `epoch` epochs, where they are kept.
  std::filesystem::path kept(int64_t epoch) const;

  /// What the `run` column of metrics says.
  std::string name() const;

  /// Whether a run has left files here.
  bool holdsRun() const;

  /// Whether an analysis has.
  bool holdsAnalysis() const;

  /// Makes the folder and throws if files cannot be written in it.
  void create() const;

  /// Removes a run's files, and those of an analysis of it, and nothing else.
  void clear() const;

private:
  std::filesystem::path root;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_RUNFOLDER_H
