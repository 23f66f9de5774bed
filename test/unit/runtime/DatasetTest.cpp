//===- DatasetTest.cpp - Tests of reading data sets -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/Dataset.h"
#include "Support.h"

#include <sys/stat.h>

using namespace dale::runtime;
using namespace dale::runtime::test;
namespace fs = std::filesystem;

namespace {

constexpr int record = 3073;

/// Of formats whose images have one size.
Dataset load(const fs::path &folder, const std::string &name,
             const std::string &circuitDefault) {
  return loadDataset(folder, name, circuitDefault, ImageFit());
}

/// The bytes of one image.
std::vector<uint8_t> image(const ImageSet &set, int64_t index) {
  std::vector<uint8_t> bytes(static_cast<size_t>(set.imageBytes()));
  set.read(index, {}, bytes.data());
  return bytes;
}

//===----------------------------------------------------------------------===//
// CIFAR-10
//===----------------------------------------------------------------------===//

TEST(Cifar10, PlanesBecomePixels) {
  TemporaryFolder folder;
  writeCifar10(folder.path(), 2);
  // The second record of the third file: label 5, red rising, green, blue.
  std::string bytes = readFile(folder / "data_batch_3.bin");
  bytes[record] = 5;
  for (int i = 0; i < 1024; ++i) {
    bytes[record + 1 + i] = static_cast<char>(i % 251);
    bytes[record + 1025 + i] = 7;
    bytes[record + 2049 + i] = 9;
  }
  writeFile(folder / "data_batch_3.bin", bytes);

  Dataset dataset = load(folder.path(), "", "mnist");
  EXPECT_EQ(dataset.name, "cifar10");
  EXPECT_EQ(dataset.train->count(), 10);
  EXPECT_EQ(dataset.test->count(), 2);
  EXPECT_EQ(dataset.train->label(5), 5);
  std::vector<uint8_t> bytesOf5 = image(*dataset.train, 5);
  for (int i = 0; i < 1024; ++i) {
    ASSERT_EQ(bytesOf5[3 * i], i % 251);
    ASSERT_EQ(bytesOf5[3 * i + 1], 7);
    ASSERT_EQ(bytesOf5[3 * i + 2], 9);
  }
  // The official files have more records: a user should know.
  EXPECT_EQ(dataset.notes.size(), 6u);
}

TEST(Cifar10, IsFoundInItsOwnFolder) {
  TemporaryFolder folder;
  writeCifar10(folder / "cifar-10-batches-bin", 1);
  EXPECT_EQ(load(folder.path(), "", "").train->count(), 5);
}

TEST(Cifar10, RefusesATruncatedFile) {
  TemporaryFolder folder;
  writeCifar10(folder.path(), 2);
  fs::resize_file(folder / "data_batch_2.bin", record + 100);
  expectError([&] { load(folder.path(), "", ""); },
              {(folder / "data_batch_2.bin").string(),
               "ends at byte 3173, within record 1",
               "expected 30730000 bytes"});
  fs::resize_file(folder / "data_batch_2.bin", 0);
  expectError([&] { load(folder.path(), "", ""); },
              {"ends at byte 0", "expected 30730000 bytes"});
}

TEST(Cifar10, RefusesALabelOutOfRange) {
  TemporaryFolder folder;
  writeCifar10(folder.path(), 3);
  std::string bytes = readFile(folder / "test_batch.bin");
  bytes[2 * record] = 10;
  writeFile(folder / "test_batch.bin", bytes);
  expectError([&] { load(folder.path(), "", ""); },
              {(folder / "test_batch.bin").string(), "record 2 at byte 6146",
               "label 10: expected 0 to 9"});
}

TEST(Cifar10, RefusesAMissingFile) {
  TemporaryFolder folder;
  writeCifar10(folder.path(), 1);
  fs::remove(folder / "data_batch_4.bin");
  expectError([&] { load(folder.path(), "", ""); },
              {(folder / "data_batch_4.bin").string(),
               "No such file or directory", "cifar-10-binary.tar.gz"});
}

TEST(Cifar10, RefusesAPipe) {
  TemporaryFolder folder;
  writeCifar10(folder.path(), 1);
  fs::path file = folder / "data_batch_2.bin";
  fs::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  expectError([&] { load(folder.path(), "", ""); },
              {file.string() + ": is no regular file: expected one of "
                               "CIFAR-10's files"});
}

TEST(Cifar10, RefusesPickles) {
  TemporaryFolder folder;
  writeFile(folder / "data_batch_1", "pickle");
  expectError([&] { load(folder.path(), "", ""); },
              {"python pickles", "data_batch_1.bin", "cifar-10-binary.tar.gz"});
  TemporaryFolder parent;
  fs::create_directories(parent / "cifar-10-batches-py");
  expectError([&] { load(parent.path(), "", ""); }, {"python pickles"});
}

//===----------------------------------------------------------------------===//
// IDX
//===----------------------------------------------------------------------===//

class Idx : public testing::TestWithParam<bool> {
protected:
  Idx() { writeIdx(folder.path(), 30, 20, GetParam()); }

  fs::path file(const std::string &name) const {
    return folder / (GetParam() ? name + ".gz" : name);
  }
  /// Replaces a file, compressed or not.
  void replace(const std::string &name, const std::string &bytes) {
    if (GetParam())
      writeCompressed(file(name), bytes);
    else
      writeFile(file(name), bytes);
  }
  void expectRefused(std::vector<std::string> parts) {
    expectError([&] { load(folder.path(), "", "mnist"); }, parts);
  }

  TemporaryFolder folder;
  const std::string images = "train-images-idx3-ubyte";
  const std::string labels = "train-labels-idx1-ubyte";
};

INSTANTIATE_TEST_SUITE_P(Plain, Idx, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Compressed, Idx, testing::Values(true));

TEST_P(Idx, IsRead) {
  Dataset dataset = load(folder.path(), "", "cifar10");
  EXPECT_EQ(dataset.name, "mnist");
  EXPECT_EQ(dataset.classes, 10);
  EXPECT_EQ(dataset.train->count(), 30);
  EXPECT_EQ(dataset.test->count(), 20);
  EXPECT_EQ(dataset.train->height(), 28);
  EXPECT_EQ(dataset.train->channels(), 1);
  EXPECT_EQ(dataset.train->label(13), 3);
  EXPECT_EQ(image(*dataset.train, 29).size(), 784u);
  // The circuit knows which of the two it was made for, and a user still
  // better.
  EXPECT_EQ(load(folder.path(), "", "fashion-mnist").name, "fashion-mnist");
  EXPECT_EQ(load(folder.path(), "mnist", "fashion-mnist").name, "mnist");
}

TEST_P(Idx, KeepsThePixelsInOrder) {
  std::string pixels(30 * 784, '\0');
  for (size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<char>(i % 253);
  replace(images, idxImages(0x803, 30, 28, 28, pixels));
  Dataset dataset = load(folder.path(), "", "mnist");
  for (size_t i = 0; i < pixels.size(); ++i)
    ASSERT_EQ(image(*dataset.train, i / 784)[i % 784], i % 253);
}

TEST_P(Idx, RefusesAWrongMagicNumber) {
  replace(images, idxImages(0x801, 30, 28, 28, std::string(30 * 784, 'a')));
  expectRefused({file(images).string(), "magic number at byte 0 is 0x00000801",
                 "expected 0x00000803"});
}

TEST_P(Idx, RefusesALabelsFileInPlaceOfImages) {
  replace(labels, idxImages(0x803, 30, 28, 28, std::string(30 * 784, 'a')));
  expectRefused({file(labels).string(), "expected 0x00000801"});
}

TEST_P(Idx, RefusesAShortFile) {
  replace(images, idxImages(0x803, 30, 28, 28, std::string(1000, 'a')));
  expectRefused(
      {file(images).string(), "ends at byte 1016", "expected 23536 bytes"});
  replace(images, "abc");
  expectRefused({file(images).string(), "ends at byte 3"});
}

TEST_P(Idx, RefusesALongFile) {
  replace(images, idxImages(0x803, 30, 28, 28, std::string(30 * 784 + 1, 'a')));
  expectRefused({file(images).string(), "goes on after byte 23536"});
}

TEST_P(Idx, RefusesAWildHeader) {
  replace(images, idxImages(0x803, 30, 1u << 31, 1u << 31, "a"));
  expectRefused({file(images).string(), "the header at byte 4"});
  replace(images, idxImages(0x803, 0xffffffff, 4096, 4096, "a"));
  expectRefused({file(images).string(), "ends at byte 17"});
}

TEST_P(Idx, RefusesALabelOutOfRange) {
  std::string bytes(30, '\1');
  bytes[17] = 10;
  replace(labels, idxLabels(0x801, bytes));
  expectRefused({file(labels).string(), "record 17 at byte 25", "label 10",
                 "expected 0 to 9"});
}

TEST_P(Idx, RefusesAnotherNumberOfLabels) {
  replace(labels, idxLabels(0x801, std::string(29, '\1')));
  expectRefused({file(labels).string(), "29 labels", "expected 30"});
}

TEST_P(Idx, RefusesAFolder) {
  for (const std::string &name :
       {std::string("t10k-images-idx3-ubyte"), labels}) {
    fs::remove(file(name));
    fs::create_directory(file(name));
    expectRefused(
        {file(name).string() + ": is a folder: expected an IDX file"});
  }
}

TEST_P(Idx, RefusesAMissingFile) {
  fs::remove(file("t10k-labels-idx1-ubyte"));
  expectRefused({folder.path().string(), "holds no t10k-labels-idx1-ubyte",
                 "train-images-idx3-ubyte"});
}

TEST(IdxCompressed, RefusesACutArchive) {
  TemporaryFolder folder;
  writeIdx(folder.path(), 300, 20, true);
  fs::path file = folder / "train-images-idx3-ubyte.gz";
  fs::resize_file(file, fs::file_size(file) / 2);
  expectError([&] { load(folder.path(), "", "mnist"); },
              {file.string(), "cut off"});
}

TEST(IdxCompressed, RefusesADamagedArchive) {
  TemporaryFolder folder;
  writeIdx(folder.path(), 300, 20, true);
  fs::path file = folder / "train-images-idx3-ubyte.gz";
  std::string bytes = readFile(file);
  for (size_t i = bytes.size() / 2; i < bytes.size() / 2 + 50; ++i)
    bytes[i] = static_cast<char>(~bytes[i]);
  writeFile(file, bytes);
  expectError([&] { load(folder.path(), "", "mnist"); },
              {file.string(), "cannot be read at byte"});
}

TEST(FashionMnist, ThePackageIsRead) {
  if (!fs::exists("/usr/share/datasets/fashion-mnist"))
    GTEST_SKIP() << "Debian's package dataset-fashion-mnist is not installed";
  Dataset dataset = load("", "", "fashion-mnist");
  EXPECT_EQ(dataset.train->count(), 60000);
  EXPECT_EQ(dataset.test->count(), 10000);
  // The first training image is an ankle boot.
  EXPECT_EQ(dataset.train->label(0), 9);
}

//===----------------------------------------------------------------------===//
// Any
//===----------------------------------------------------------------------===//

TEST(Dataset, SaysWhatItLookedFor) {
  TemporaryFolder folder;
  expectError([&] { load(folder / "none", "", "cifar10"); },
              {(folder / "none").string(), "no such folder"});
  expectError([&] { load(folder.path(), "", "cifar10"); },
              {"holds no CIFAR-10", "data_batch_1.bin", "test_batch.bin",
               (folder / "cifar-10-batches-bin").string(),
               "https://www.cs.toronto.edu/~kriz/cifar.html"});
  expectError([&] { load(folder.path(), "", "fashion-mnist"); },
              {"holds no train-images-idx3-ubyte", "dataset-fashion-mnist"});
  writeFile(folder / "file", "");
  expectError([&] { load(folder / "file", "", "cifar10"); }, {"is no folder"});
  expectError([&] { load("", "", "cifar10"); }, {"--data is missing"});
  expectError([&] { load(folder.path(), "cifar01", ""); },
              {"unknown data set 'cifar01'", "did you mean 'cifar10'?"});
}

TEST(Dataset, MustFitTheCircuit) {
  Dataset dataset;
  dataset.name = "mnist";
  dataset.classes = 10;
  ImageBlock block;
  block.height = block.width = 28;
  block.channels = 1;
  dataset.train = std::make_unique<MemoryImages>(block);
  Circuit circuit;
  circuit.name = "C";
  circuit.height = circuit.width = 28;
  circuit.channels = 1;
  circuit.classes = 10;
  EXPECT_NO_THROW(checkDataset(dataset, circuit));
  circuit.channels = 3;
  expectError([&] { checkDataset(dataset, circuit); },
              {"'mnist' are 28x28x1", "'C' expects 28x28x3"});
  circuit.channels = 1;
  circuit.classes = 7;
  expectError([&] { checkDataset(dataset, circuit); },
              {"10 classes", "reads out 7"});
}

TEST(Dataset, KeepsTheFirstImages) {
  TemporaryFolder folder;
  writeCifar10(folder.path(), 4);
  Dataset dataset = load(folder.path(), "", "");
  std::vector<uint8_t> before = image(*dataset.train, 2);
  dataset.train->truncate(3);
  EXPECT_EQ(dataset.train->count(), 3);
  EXPECT_EQ(dataset.train->label(2), 2);
  EXPECT_EQ(image(*dataset.train, 2), before);
  dataset.train->truncate(100);
  EXPECT_EQ(dataset.train->count(), 3);
}

} // namespace
