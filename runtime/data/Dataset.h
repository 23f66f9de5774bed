//===- Dataset.h - Labelled images in memory --------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Data sets of labelled images: which there are, how they are recognized in a
/// folder, and what they look like in memory.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DATA_DATASET_H
#define DALE_RUNTIME_DATA_DATASET_H

#include "runtime/circuit/Circuit.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dale::runtime {

/// Images of one size as bytes, [count, height, width, channels], and their
/// labels.
struct ImageSet {
  int64_t count = 0;
  int64_t height = 0, width = 0, channels = 0;
  std::vector<uint8_t> images;
  std::vector<int32_t> labels;

  int64_t imageBytes() const { return height * width * channels; }

  /// Keeps the first `limit` images.
  void truncate(int64_t limit);
};

struct Dataset {
  /// "cifar10", "mnist" or "fashion-mnist".
  std::string name;
  int64_t classes = 0;
  ImageSet train;
  ImageSet test;
  /// What a user should know about the files, though they can be used.
  std::vector<std::string> notes;
};

/// Whether there is a data set of that name; otherwise throws, and names those
/// that there are.
void checkDatasetName(const std::string &name);

/// Loads the data set `name` from `folder`; an empty name means the one whose
/// files are found there, or else `circuitDefault`. An empty folder means the
/// place where the system's packages install that data set. Throws if files
/// are missing, of the wrong kind, truncated, or hold a label out of range.
Dataset loadDataset(const std::filesystem::path &folder,
                    const std::string &name, const std::string &circuitDefault);

/// Throws unless images and classes are those the circuit was compiled for.
void checkDataset(const Dataset &dataset, const Circuit &circuit);

/// \name The formats
/// @{

/// The folder, `folder` itself or one in it, that holds CIFAR-10's binary
/// files; empty if none does.
std::filesystem::path findCifar10(const std::filesystem::path &folder);

/// Whether the folder holds CIFAR-10 as python pickles.
bool holdsCifar10Pickles(const std::filesystem::path &folder);

/// CIFAR-10, binary version: records of a label byte and 1024 red, 1024 green
/// and 1024 blue bytes, row by row.
Dataset loadCifar10(const std::filesystem::path &folder);

/// Whether the folder holds any of MNIST's files.
bool holdsIdx(const std::filesystem::path &folder);

/// MNIST and what shares its format, IDX, plain or compressed by gzip.
Dataset loadIdx(const std::filesystem::path &folder, const std::string &name);

/// @}

} // namespace dale::runtime

#endif // DALE_RUNTIME_DATA_DATASET_H
