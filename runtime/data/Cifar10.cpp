//===- Cifar10.cpp - CIFAR-10's binary files ------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Error.h"
#include "runtime/data/Dataset.h"
#include "runtime/io/AtomicFile.h"

#include <cerrno>
#include <fstream>

using namespace dale::runtime;
namespace fs = std::filesystem;

static constexpr int64_t side = 32, pixels = side * side, channels = 3;
static constexpr int64_t recordBytes = 1 + channels * pixels;
static constexpr int64_t recordsPerFile = 10000;
static constexpr int64_t classes = 10;
static constexpr const char *folderName = "cifar-10-batches-bin";
static constexpr const char *whereToGet =
    "get 'CIFAR-10 binary version (suitable for C programs)', "
    "cifar-10-binary.tar.gz, from https://www.cs.toronto.edu/~kriz/cifar.html "
    "and unpack it";

fs::path dale::runtime::findCifar10(const fs::path &folder) {
  std::error_code ignored;
  for (const fs::path &candidate : {folder, folder / folderName})
    for (const char *file : {"data_batch_1.bin", "test_batch.bin"})
      if (fs::exists(candidate / file, ignored))
        return candidate;
  return {};
}

bool dale::runtime::holdsCifar10Pickles(const fs::path &folder) {
  std::error_code ignored;
  return fs::exists(folder / "data_batch_1", ignored) ||
         fs::exists(folder / "cifar-10-batches-py", ignored);
}

/// Appends a file's records to a set.
static void appendFile(const fs::path &path, ImageBlock &set,
                       std::vector<std::string> &notes) {
  checkRegularFile(path,
                   "one of CIFAR-10's files; copy or unpack the file again");
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    fail("{}: cannot be read: {}; {}", path.string(), systemError(errno),
         whereToGet);
  std::error_code error;
  int64_t bytes = static_cast<int64_t>(fs::file_size(path, error));
  if (error)
    fail("{}: cannot be read: {}", path.string(), error.message());
  int64_t records = bytes / recordBytes;
  if (bytes % recordBytes != 0 || records == 0)
    fail("{}: ends at byte {}, within record {}: expected {} bytes ({} records "
         "of {}); copy or unpack the file again",
         path.string(), bytes, records, recordsPerFile * recordBytes,
         recordsPerFile, recordBytes);
  if (records != recordsPerFile)
    notes.push_back(fmt::format(
        "{}: has {} records, where the official file has {}: is it whole?",
        path.string(), records, recordsPerFile));

  size_t image = set.images.size();
  set.images.resize(image + static_cast<size_t>(records * channels * pixels));
  std::vector<char> record(recordBytes);
  for (int64_t i = 0; i < records; ++i) {
    if (!stream.read(record.data(), recordBytes))
      fail("{}: cannot be read at byte {}: {}; copy or unpack the file again",
           path.string(), i * recordBytes, systemError(errno));
    int label = static_cast<unsigned char>(record[0]);
    if (label >= classes)
      fail("{}: record {} at byte {} has the label {}: expected 0 to {}; copy "
           "or unpack the file again",
           path.string(), i, i * recordBytes, label, classes - 1);
    set.labels.push_back(label);
    // Planes of colours become pixels of colours.
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t c = 0; c < channels; ++c)
        set.images[image++] = static_cast<uint8_t>(record[1 + c * pixels + p]);
  }
  set.count += records;
}

/// The names of the classes, a line each, or none if the file with them is
/// missing or another.
static std::vector<std::string> readClassNames(const fs::path &folder) {
  std::ifstream stream(folder / "batches.meta.txt");
  std::vector<std::string> names;
  for (std::string line; std::getline(stream, line);)
    if (!line.empty())
      names.push_back(line);
  return std::ssize(names) == classes ? names : std::vector<std::string>();
}

Dataset dale::runtime::loadCifar10(const fs::path &folder) {
  fs::path found = findCifar10(folder);
  if (found.empty() && holdsCifar10Pickles(folder))
    fail("{}: holds CIFAR-10 as python pickles: expected the binary version, "
         "data_batch_1.bin to data_batch_5.bin and test_batch.bin; {}",
         folder.string(), whereToGet);
  if (found.empty())
    fail("{}: holds no CIFAR-10: expected data_batch_1.bin to data_batch_5.bin "
         "and test_batch.bin, there or in {}; {}",
         folder.string(), (folder / folderName).string(), whereToGet);

  Dataset dataset;
  dataset.name = "cifar10";
  dataset.classes = classes;
  dataset.classNames = readClassNames(found);
  ImageBlock train, test;
  for (ImageBlock *set : {&train, &test}) {
    set->height = set->width = side;
    set->channels = channels;
  }
  for (int batch = 1; batch <= 5; ++batch)
    appendFile(found / fmt::format("data_batch_{}.bin", batch), train,
               dataset.notes);
  appendFile(found / "test_batch.bin", test, dataset.notes);
  dataset.train = std::make_unique<MemoryImages>(std::move(train));
  dataset.test = std::make_unique<MemoryImages>(std::move(test));
  return dataset;
}
