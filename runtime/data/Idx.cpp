//===- Idx.cpp - MNIST's IDX files ----------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Error.h"
#include "runtime/data/Dataset.h"
#include "runtime/io/AtomicFile.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <memory>

using namespace dale::runtime;
namespace fs = std::filesystem;

static constexpr int64_t classes = 10;
/// Unsigned bytes in one and in three dimensions.
static constexpr uint32_t labelsMagic = 0x00000801, imagesMagic = 0x00000803;

/// The file itself or its compressed form, whichever is there; else empty.
static fs::path findFile(const fs::path &folder, const std::string &name) {
  std::error_code ignored;
  for (const fs::path &path : {folder / name, folder / (name + ".gz")})
    if (fs::exists(path, ignored))
      return path;
  return {};
}

bool dale::runtime::holdsIdx(const fs::path &folder) {
  return !findFile(folder, "train-images-idx3-ubyte").empty() ||
         !findFile(folder, "t10k-images-idx3-ubyte").empty();
}

namespace {
/// Reads a file that may be compressed. Offsets count uncompressed bytes.
class IdxFile {
public:
  explicit IdxFile(fs::path path)
      : path(std::move(path)), file(gzopen(this->path.c_str(), "rb")) {
    if (!file)
      fail("{}: cannot be read: {}", this->path.string(), systemError(errno));
  }

  /// Up to `size` bytes, fewer at the file's end.
  int64_t readSome(uint8_t *into, int64_t size) {
    int64_t done = 0;
    while (done < size) {
      int count = gzread(
          file.get(), into + done,
          static_cast<unsigned>(std::min<int64_t>(size - done, 1 << 24)));
      if (count < 0)
        failReading(done);
      if (count == 0)
        break;
      done += count;
    }
    // An archive that is cut off ends without an error of gzread's.
    int code = Z_OK;
    gzerror(file.get(), &code);
    if (code != Z_OK && code != Z_STREAM_END)
      failReading(done);
    offset += done;
    return done;
  }

  /// Exactly `size` bytes.
  void read(uint8_t *into, int64_t size, int64_t expectedBytes) {
    if (readSome(into, size) < size)
      fail("{}: ends at byte {}: expected {} bytes{}; copy the file again",
           path.string(), offset, expectedBytes, uncompressed());
  }

  uint32_t readBigEndian() {
    uint8_t bytes[4];
    read(bytes, 4, 16);
    return uint32_t(bytes[0]) << 24 | uint32_t(bytes[1]) << 16 |
           uint32_t(bytes[2]) << 8 | bytes[3];
  }

  void expectMagic(uint32_t magic, std::string_view what) {
    uint32_t found = readBigEndian();
    if (found != magic)
      fail("{}: the magic number at byte 0 is {:#010x}: expected {:#010x}, an "
           "IDX file of {}; is it the right file?",
           path.string(), found, magic, what);
  }

  void expectEnd() {
    uint8_t byte;
    int64_t expected = offset;
    if (readSome(&byte, 1) != 0)
      fail("{}: goes on after byte {}: expected {} bytes{}; copy the file "
           "again",
           path.string(), expected, expected, uncompressed());
  }

  fs::path path;
  int64_t offset = 0;

private:
  bool compressed() const { return path.extension() == ".gz"; }
  std::string_view uncompressed() const {
    return compressed() ? " (uncompressed)" : "";
  }

  [[noreturn]] void failReading(int64_t done) {
    int code = Z_OK;
    const char *message = gzerror(file.get(), &code);
    fail("{}: cannot be read at byte {}{}: {}; copy the file again",
         path.string(), offset + done, uncompressed(),
         code == Z_BUF_ERROR ? "the compressed file is cut off"
         : code == Z_ERRNO   ? systemError(errno)
                             : message);
  }

  struct Close {
    void operator()(gzFile_s *file) const { gzclose(file); }
  };
  std::unique_ptr<gzFile_s, Close> file;
};
} // namespace

static constexpr std::string_view expectedFile =
    "an IDX file, plain or with .gz; copy the file again";

static void loadImages(const fs::path &path, ImageBlock &set) {
  checkRegularFile(path, expectedFile);
  IdxFile file(path);
  file.expectMagic(imagesMagic, "images (3 dimensions of bytes)");
  set.count = file.readBigEndian();
  set.height = file.readBigEndian();
  set.width = file.readBigEndian();
  set.channels = 1;
  // The largest side that could be meant; a wild header must not allocate.
  constexpr int64_t largest = 4096;
  if (set.count < 1 || set.height < 1 || set.width < 1 ||
      set.height > largest || set.width > largest)
    fail("{}: the header at byte 4 says {} images of {}x{}: expected MNIST's "
         "sizes; copy the file again",
         path.string(), set.count, set.height, set.width);
  int64_t expected = 16 + set.count * set.imageBytes();
  // Grows with what is read, not with what the header promises.
  constexpr int64_t chunkBytes = 1 << 24;
  for (int64_t bytes = expected - 16; bytes > 0;) {
    int64_t chunk = std::min(chunkBytes, bytes);
    size_t end = set.images.size();
    set.images.resize(end + static_cast<size_t>(chunk));
    file.read(set.images.data() + end, chunk, expected);
    bytes -= chunk;
  }
  file.expectEnd();
}

static void loadLabels(const fs::path &path, ImageBlock &set) {
  checkRegularFile(path, expectedFile);
  IdxFile file(path);
  file.expectMagic(labelsMagic, "labels (1 dimension of bytes)");
  int64_t count = file.readBigEndian();
  if (count != set.count)
    fail("{}: has {} labels (at byte 4): expected {}, one for each image; are "
         "images and labels of the same set?",
         path.string(), count, set.count);
  std::vector<uint8_t> labels(static_cast<size_t>(count));
  file.read(labels.data(), count, 8 + count);
  file.expectEnd();
  for (int64_t i = 0; i < count; ++i)
    if (labels[i] >= classes)
      fail("{}: record {} at byte {} has the label {}: expected 0 to {}; copy "
           "the file again",
           path.string(), i, 8 + i, labels[i], classes - 1);
  set.labels.assign(labels.begin(), labels.end());
}

Dataset dale::runtime::loadIdx(const fs::path &folder,
                               const std::string &name) {
  const char *whereToGet =
      name == "mnist"
          ? "get the four files from the MNIST database"
          : "install Debian's package dataset-fashion-mnist "
            "(/usr/share/datasets/fashion-mnist), or get the four files from "
            "https://github.com/zalandoresearch/fashion-mnist";
  auto find = [&](const char *file) {
    fs::path path = findFile(folder, file);
    if (path.empty())
      fail("{}: holds no {}: expected train-images-idx3-ubyte, "
           "train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
           "t10k-labels-idx1-ubyte, plain or with .gz; {}",
           folder.string(), file, whereToGet);
    return path;
  };
  fs::path trainImages = find("train-images-idx3-ubyte");
  fs::path trainLabels = find("train-labels-idx1-ubyte");
  fs::path testImages = find("t10k-images-idx3-ubyte");
  fs::path testLabels = find("t10k-labels-idx1-ubyte");

  Dataset dataset;
  dataset.name = name;
  dataset.classes = classes;
  if (name == "fashion-mnist")
    dataset.classNames = {"T-shirt/top", "trouser",   "pullover", "dress",
                          "coat",        "sandal",    "shirt",    "sneaker",
                          "bag",         "ankle boot"};
  ImageBlock train, test;
  loadImages(trainImages, train);
  loadLabels(trainLabels, train);
  loadImages(testImages, test);
  loadLabels(testLabels, test);
  if (test.height != train.height || test.width != train.width)
    fail("{}: the images are {}x{}: expected {}x{}, as for training; are the "
         "files of the same set?",
         testImages.string(), test.height, test.width, train.height,
         train.width);
  dataset.train = std::make_unique<MemoryImages>(std::move(train));
  dataset.test = std::make_unique<MemoryImages>(std::move(test));
  return dataset;
}
