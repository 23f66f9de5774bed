//===- Dataset.cpp - Data sets of labelled images -------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/Dataset.h"

#include "runtime/CommandLineNames.h"
#include "runtime/Error.h"
#include "runtime/NearestName.h"

#include <algorithm>

using namespace dale::runtime;
namespace fs = std::filesystem;

/// Where Debian's package dataset-fashion-mnist installs.
static constexpr const char *fashionFolder =
    "/usr/share/datasets/fashion-mnist";

void dale::runtime::checkDatasetName(const std::string &name) {
  if (std::find(datasetNames.begin(), datasetNames.end(), name) ==
      datasetNames.end())
    failUsage("unknown data set '{}': expected {}{}", name, datasetNamesText,
              didYouMean(name, {datasetNames.begin(), datasetNames.end()}));
}

/// The name of the data set whose files lie in a folder, or an empty string.
static std::string detect(const fs::path &folder,
                          const std::string &circuitDefault) {
  if (!findCifar10(folder).empty() || holdsCifar10Pickles(folder))
    return "cifar10";
  if (holdsImageFolders(folder))
    return "imagenet";
  if (!holdsIdx(folder))
    return "";
  // MNIST and Fashion-MNIST have the same file names.
  if (circuitDefault == "mnist" || circuitDefault == "fashion-mnist")
    return circuitDefault;
  return folder.string().find("fashion") != std::string::npos ? "fashion-mnist"
                                                              : "mnist";
}

Dataset dale::runtime::loadDataset(const fs::path &givenFolder,
                                   const std::string &givenName,
                                   const std::string &circuitDefault,
                                   const ImageFit &fit) {
  fs::path folder = givenFolder;
  std::string name = givenName;
  if (folder.empty()) {
    if (name.empty())
      name = circuitDefault;
    if (name != "fashion-mnist" || !fs::exists(fashionFolder))
      failUsage("--data is missing: expected the folder with the files of "
                "'{}'; give it with --data DIR",
                name);
    folder = fashionFolder;
  }
  std::error_code ignored;
  if (!fs::exists(folder, ignored))
    fail("{}: no such folder: expected the folder with the data set's files; "
         "check --data",
         folder.string());
  if (!fs::is_directory(folder, ignored))
    fail("{}: is no folder: expected the folder with the data set's files; "
         "give --data the folder that the file lies in",
         folder.string());
  if (name.empty())
    name = detect(folder, circuitDefault);
  if (name.empty())
    name = circuitDefault;
  checkDatasetName(name);
  if (name == "cifar10")
    return loadCifar10(folder);
  if (name == "imagenet")
    return loadImageFolders(folder, fit);
  return loadIdx(folder, name);
}

void dale::runtime::checkDataset(const Dataset &dataset,
                                 const Circuit &circuit) {
  const ImageSet &images = *dataset.train;
  if (images.height() != circuit.height || images.width() != circuit.width ||
      images.channels() != circuit.channels)
    fail(
        "the images of '{}' are {}x{}x{} (height, width, channels): the "
        "circuit '{}' expects {}x{}x{}; choose another --data, or compile "
        "the circuit with input = {{ height = {}, width = {}, channels = {} }}",
        dataset.name, images.height(), images.width(), images.channels(),
        circuit.name, circuit.height, circuit.width, circuit.channels,
        images.height(), images.width(), images.channels());
  if (dataset.classes != circuit.classes)
    fail("the data set '{}' has {} classes: the circuit '{}' reads out {}; "
         "choose another --data, or compile the circuit with {} classes",
         dataset.name, dataset.classes, circuit.name, circuit.classes,
         dataset.classes);
}
