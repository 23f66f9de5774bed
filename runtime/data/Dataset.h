//===- Dataset.h - Data sets of labelled images -----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Data sets of labelled images: which there are, and how they are recognized
/// in a folder.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DATA_DATASET_H
#define DALE_RUNTIME_DATA_DATASET_H

#include "runtime/circuit/Circuit.h"
#include "runtime/data/ImageSet.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dale::runtime {

struct Dataset {
  /// Of datasetNames.
  std::string name;
  int64_t classes = 0;
  /// Of each class, or empty where the files do not tell.
  std::vector<std::string> classNames;
  std::unique_ptr<ImageSet> train;
  std::unique_ptr<ImageSet> test;
  /// What a user should know about the files, though they can be used.
  std::vector<std::string> notes;
};

/// How images that have sizes of their own become those of a circuit: the
/// shorter side is resized to `resize` pixels, then the central `size` cut out.
struct ImageFit {
  PixelSize size;
  int64_t resize = 0;
};

/// Whether there is a data set of that name; otherwise throws, and names those
/// that there are.
void checkDatasetName(const std::string &name);

/// Loads the data set `name` from `folder`; an empty name means the one whose
/// files are found there, or else `circuitDefault`. An empty folder means the
/// place where the system's packages install that data set. Throws if files
/// are missing, of the wrong kind, truncated, or hold a label out of range.
Dataset loadDataset(const std::filesystem::path &folder,
                    const std::string &name, const std::string &circuitDefault,
                    const ImageFit &fit);

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

/// Whether the folder has one of training images.
bool holdsImageFolders(const std::filesystem::path &folder);

/// ImageNet and what is laid out like it: train/CLASS/*.JPEG and
/// val/CLASS/*.JPEG. The classes are the folders of train, in order of their
/// names; the images are in an order that is random and always the same.
Dataset loadImageFolders(const std::filesystem::path &folder,
                         const ImageFit &fit);

/// @}

} // namespace dale::runtime

#endif // DALE_RUNTIME_DATA_DATASET_H
