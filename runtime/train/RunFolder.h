//===- RunFolder.h - Where a training run keeps its files -------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The folder of one run, and those of what is measured of it.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_RUNFOLDER_H
#define DALE_RUNTIME_TRAIN_RUNFOLDER_H

#include <cstdint>
#include <filesystem>
#include <string>

namespace dale::runtime {

/// Where an analysis puts what it has measured of a network.
class AnalysisFolder {
public:
  explicit AnalysisFolder(std::filesystem::path path) : root(std::move(path)) {}

  const std::filesystem::path &path() const { return root; }
  std::filesystem::path table() const { return root / "analysis.csv"; }
  /// Written last: where it is, the other files are there too.
  std::filesystem::path summary() const { return root / "analysis.json"; }
  std::filesystem::path tensors() const {
    return root / "analysis.safetensors";
  }

  /// Whether an analysis has left files here.
  bool holdsAnalysis() const;
  bool isComplete() const;

  /// Makes the folder and throws if files cannot be written in it.
  void create() const;

  /// Removes an analysis's files, the summary first, and nothing else.
  void clear() const;

private:
  std::filesystem::path root;
};

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

  /// Of a run that is done.
  AnalysisFolder analysis() const { return AnalysisFolder(root); }
  /// Of the network after `epoch` epochs, made while it was trained.
  AnalysisFolder analysisAt(int64_t epoch) const;

  /// The weights after `epoch` epochs, where they are kept.
  std::filesystem::path kept(int64_t epoch) const;

  /// What the `run` column of metrics says.
  std::string name() const;

  /// Whether a run has left files here.
  bool holdsRun() const;

  /// Makes the folder and throws if files cannot be written in it.
  void create() const;

  /// Removes a run's files, and those of analyses of it, and nothing else.
  void clear() const;

private:
  std::filesystem::path analyses() const { return root / "analysis"; }

  std::filesystem::path root;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_RUNFOLDER_H
