//===- ImageFoldersTest.cpp - Tests of folders of images ------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/Batches.h"
#include "runtime/data/Dataset.h"
#include "runtime/device/Threads.h"

#include "Images.h"
#include "Support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <sys/stat.h>

using namespace dale::runtime;
using namespace dale::runtime::test;
namespace fs = std::filesystem;

namespace {

constexpr int side = 16;

class ImageFolders : public testing::Test {
protected:
  ImageFolders() { writeImageFolders(folder.path(), 3, 8, 4); }

  Dataset load() const {
    return loadDataset(folder.path(), "", "cifar10", {{side, side}, 18});
  }

  static std::vector<uint8_t> image(const ImageSet &set, int64_t index) {
    std::vector<uint8_t> bytes(static_cast<size_t>(set.imageBytes()));
    set.read(index, {}, bytes.data());
    return bytes;
  }

  TemporaryFolder folder;
};

TEST_F(ImageFolders, AreFound) {
  Dataset dataset = load();
  EXPECT_EQ(dataset.name, "imagenet");
  EXPECT_EQ(dataset.classes, 3);
  EXPECT_EQ(dataset.train->count(), 24);
  EXPECT_EQ(dataset.test->count(), 12);
  EXPECT_EQ(dataset.train->height(), side);
  EXPECT_EQ(dataset.train->channels(), 3);
  EXPECT_TRUE(dataset.notes.empty());
  fs::rename(folder / "val", folder / "test");
  EXPECT_EQ(load().test->count(), 12);
}

// Every class has a colour, to which an image adds 3 times its number.
TEST_F(ImageFolders, HaveTheLabelsOfTheirFolders) {
  Dataset dataset = load();
  std::map<int, int> perClass;
  for (int64_t i = 0; i < dataset.train->count(); ++i) {
    int label = dataset.train->label(i);
    ++perClass[label];
    std::vector<uint8_t> bytes = image(*dataset.train, i);
    int number = (bytes[0] - 60 * label + 1) / 3;
    EXPECT_GE(number, 0);
    EXPECT_LT(number, 8);
    for (uint8_t byte : {bytes.front(), bytes[bytes.size() - 3]})
      EXPECT_NEAR(byte, 60 * label + 3 * number, 2);
    EXPECT_NEAR(bytes[1], (130 * label + 3 * number) % 256, 2);
  }
  EXPECT_EQ(perClass, (std::map<int, int>{{0, 8}, {1, 8}, {2, 8}}));
}

TEST_F(ImageFolders, AreInARandomOrderThatIsAlwaysTheSame) {
  Dataset first = load(), second = load();
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < first.train->count(); ++i) {
    EXPECT_EQ(image(*first.train, i), image(*second.train, i));
    labels.push_back(first.train->label(i));
  }
  EXPECT_FALSE(std::is_sorted(labels.begin(), labels.end()));
  first.train->truncate(12);
  labels.resize(12);
  EXPECT_EQ(std::set<int32_t>(labels.begin(), labels.end()).size(), 3u);
}

// Left black, right white, larger than what is shown, which decodes it at a
// reduced size.
TEST_F(ImageFolders, ShowTheCentreOfLargeImages) {
  fs::remove_all(folder / "train");
  fs::create_directories(folder / "train" / "n00");
  fs::create_directories(folder / "train" / "n01");
  fs::create_directories(folder / "train" / "n02");
  for (const char *name : {"n00", "n01", "n02"})
    writeJpeg(
        folder / "train" / name / "a.jpg",
        grayImage(180, 300, [](int, int x) { return x < 150 ? 0 : 255; }));
  std::vector<uint8_t> bytes = image(*load().train, 0);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      // Between the halves lies a mixture.
      if (x == side / 2 - 1 || x == side / 2)
        continue;
      EXPECT_NEAR(bytes[3 * (y * side + x)], x < side / 2 ? 0 : 255, 6) << x;
    }
}

// A ramp to the right: a crop is a steeper or a gentler one, or the same.
TEST_F(ImageFolders, ShowTheRegionThatIsAskedFor) {
  for (int reduction : {1, 4}) {
    int height = 60 * reduction, width = 80 * reduction;
    writePng(folder / "train" / "n00" / "ramp.png",
             grayImage(height, width,
                       [&](int, int x) { return 3 * (x / reduction); }));
    writeJpeg(folder / "train" / "n00" / "ramp.jpg",
              grayImage(height, width,
                        [&](int, int x) { return 3 * (x / reduction); }));
    Dataset dataset = load();
    auto choose = [&](PixelSize size) {
      EXPECT_TRUE(size.height == height || size.height < 40);
      return size.height == height
                 ? Region{0, 20.0 * reduction, 48.0 * reduction,
                          48.0 * reduction}
                 : Region{0, 0, double(size.height), double(size.width)};
    };
    int ramps = 0;
    for (int64_t i = 0; i < dataset.train->count(); ++i) {
      std::vector<uint8_t> bytes(static_cast<size_t>(3 * side * side));
      dataset.train->read(i, choose, bytes.data());
      if (bytes[3 * (side - 1)] < bytes[0] + 100)
        continue;
      ++ramps;
      for (int x = 0; x < side; ++x)
        EXPECT_NEAR(bytes[3 * x], 3 * (20 + 3 * (x + 0.5) - 0.5), 3) << x;
    }
    EXPECT_EQ(ramps, 2);
  }
}

TEST_F(ImageFolders, FillBatchesAlikeWithAnyNumberOfThreads) {
  Dataset dataset = load();
  Circuit circuit;
  circuit.height = circuit.width = side;
  circuit.channels = 3;
  circuit.classes = 3;
  Augmentation augmentation{0, true, true, CropBounds{0.08, 1, 0.75, 4.0 / 3}};
  int before = threadCount();
  std::vector<std::vector<uint8_t>> batches;
  for (int threads : {1, 2, 5}) {
    setThreads(threads);
    BatchBuffers buffers(circuit, 10);
    EpochBatches(*dataset.train, 10, 3, 1, augmentation).fill(1, buffers);
    std::span<uint8_t> bytes = buffers.bytes.as<uint8_t>();
    batches.emplace_back(bytes.begin(), bytes.end());
  }
  setThreads(before);
  EXPECT_EQ(batches[0], batches[1]);
  EXPECT_EQ(batches[0], batches[2]);
}

// Of several that are broken the first is told, whatever thread met it.
TEST_F(ImageFolders, TellWhichFileIsBroken) {
  for (int i = 0; i < 8; ++i)
    for (const char *name : {"n00", "n01", "n02"})
      writeFile(folder / "train" / name / fmt::format("image_{}.JPEG", i),
                "broken");
  Dataset dataset = load();
  Circuit circuit;
  circuit.height = circuit.width = side;
  circuit.channels = 3;
  BatchBuffers buffers(circuit, 24);
  std::set<std::string> messages;
  for (int threads : {1, 4}) {
    setThreads(threads);
    try {
      fillInOrder(*dataset.train, 0, 24, 0, buffers);
      FAIL();
    } catch (const Error &error) {
      messages.insert(error.what());
    }
  }
  EXPECT_EQ(messages.size(), 1u);
  EXPECT_NE(messages.begin()->find("train/n0"), std::string::npos);
}

// Of both sets, before anything is trained; a pipe would never be opened.
TEST_F(ImageFolders, TellWhatIsNoFile) {
  for (const char *part : {"train", "val"}) {
    fs::path image = folder.path() / part / "n01" / "odd.JPEG";
    fs::create_directory(image);
    expectError([&] { load(); }, {image.string() + ": is a folder: expected "
                                                   "an image; take it away"});
    fs::remove(image);
    ASSERT_EQ(::mkfifo(image.c_str(), 0600), 0);
    expectError([&] { load(); }, {image.string() + ": is no regular file"});
    fs::remove(image);
    fs::create_symlink("nowhere", image);
    expectError([&] { load(); }, {image.string() + ": cannot be read: "});
    fs::remove(image);
    // A link to an image is one.
    fs::create_symlink(listFolder(image.parent_path()).front(), image);
    load();
    fs::remove(image);
  }
}

TEST_F(ImageFolders, NoteWhatIsNotUsed) {
  fs::remove_all(folder / "val" / "n01");
  writeFile(folder / "train" / "n00" / "list.txt", "");
  writeFile(folder / "train" / "n00" / ".hidden", "");
  writeFile(folder / "train" / "list.txt", "");
  std::vector<std::string> notes = load().notes;
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_NE(notes[0].find("has 2 of the 3 classes"), std::string::npos);
  EXPECT_NE(notes[1].find("1 of its files"), std::string::npos);
  // Labels are those of the classes of train.
  Dataset dataset = load();
  std::set<int32_t> labels;
  for (int64_t i = 0; i < dataset.test->count(); ++i)
    labels.insert(dataset.test->label(i));
  EXPECT_EQ(labels, (std::set<int32_t>{0, 2}));
}

TEST_F(ImageFolders, TellWhichLinkGoesRound) {
  fs::path link = folder.path() / "train" / "loop";
  fs::create_symlink("loop", link);
  expectError(
      [&] { load(); },
      {link.string() + ": cannot be read: Too many levels", "take it away"});
  // One that leads nowhere is no folder, and no image either.
  fs::remove(link);
  fs::create_symlink("nowhere", link);
  EXPECT_EQ(load().classes, 3);
}

TEST_F(ImageFolders, RefuseAClassThatIsNotTrained) {
  fs::rename(folder / "val" / "n01", folder / "val" / "n11");
  expectError([&] { load(); }, {(folder / "val" / "n11").string(),
                                "does not have", "3 folders"});
}

TEST_F(ImageFolders, RefuseWhatIsLaidOutOtherwise) {
  fs::create_directories(folder / "train" / "n03");
  expectError([&] { load(); },
              {(folder / "train" / "n03").string(), "holds no images"});
  fs::remove_all(folder / "train" / "n03");
  fs::remove_all(folder / "val");
  expectError([&] { load(); },
              {(folder / "val").string(), "no such folder", "val/CLASS"});
  // As ImageNet's archive of the validation set is unpacked.
  fs::create_directories(folder / "val");
  writeJpeg(folder / "val" / "ILSVRC2012_val_00000001.JPEG",
            plainImage(4, 4, {1, 2, 3}));
  expectError([&] { load(); }, {(folder / "val").string(), "but images",
                                "into the folder of its class"});
}

} // namespace
