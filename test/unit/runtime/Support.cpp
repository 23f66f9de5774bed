//===- Support.cpp - What the runtime's tests share -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace dale::runtime::test {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (fs::temp_directory_path() / "dale-XXXXXX").string();
  root = ::mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(root, ignored);
}

void writeFile(const fs::path &path, std::string_view bytes) {
  std::ofstream stream(path, std::ios::binary);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(stream.good()) << path;
}

std::string readFile(const fs::path &path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.good()) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::string> listFolder(const fs::path &path) {
  std::vector<std::string> names;
  for (const fs::directory_entry &entry : fs::directory_iterator(path))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void expectError(const std::function<void()> &action,
                 const std::vector<std::string> &parts) {
  try {
    action();
  } catch (const Error &error) {
    for (const std::string &part : parts)
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << "the message\n  " << error.what() << "\nlacks\n  " << part;
    return;
  }
  ADD_FAILURE() << "no error was thrown";
}

std::string rawTensors(std::string_view header, std::string_view data) {
  uint64_t size = header.size();
  std::string bytes(reinterpret_cast<const char *>(&size), 8);
  bytes += header;
  bytes += data;
  return bytes;
}

/// Bytes that look random and are always the same.
static uint32_t scramble(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7FEB352D;
  x ^= x >> 15;
  x *= 0x846CA68B;
  return x ^ x >> 16;
}

/// A pixel of a class's pattern: four by four blocks, left like right, with
/// some noise.
static char patternPixel(int label, int y, int x, int c, int side,
                         uint32_t noise) {
  int block = side / 4;
  int column = std::min(x / block, 3 - x / block);
  uint32_t base = scramble(1000 * label + 16 * (y / block) + 4 * column + c);
  return static_cast<char>((base & 0x7F) + (scramble(noise) & 0x7F));
}

void writeCifar10(const fs::path &folder, int records) {
  fs::create_directories(folder);
  uint32_t noise = 0;
  for (const char *name :
       {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
        "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"}) {
    std::string bytes;
    for (int i = 0; i < records; ++i) {
      int label = i % 10;
      bytes += static_cast<char>(label);
      for (int c = 0; c < 3; ++c)
        for (int y = 0; y < 32; ++y)
          for (int x = 0; x < 32; ++x)
            bytes += patternPixel(label, y, x, c, 32, ++noise);
    }
    writeFile(folder / name, bytes);
  }
}

static std::string bigEndian(uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
          static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string idxImages(uint32_t magic, uint32_t count, uint32_t height,
                      uint32_t width, std::string_view pixels) {
  return bigEndian(magic) + bigEndian(count) + bigEndian(height) +
         bigEndian(width) + std::string(pixels);
}

std::string idxLabels(uint32_t magic, std::string_view labels) {
  return bigEndian(magic) + bigEndian(static_cast<uint32_t>(labels.size())) +
         std::string(labels);
}

void writeCompressed(const fs::path &path, std::string_view bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())),
            static_cast<int>(bytes.size()));
  gzclose(file);
}

void writeIdx(const fs::path &folder, int train, int test, bool compressed) {
  fs::create_directories(folder);
  uint32_t noise = 0;
  auto write = [&](const std::string &name, const std::string &bytes) {
    if (compressed)
      writeCompressed(folder / (name + ".gz"), bytes);
    else
      writeFile(folder / name, bytes);
  };
  for (auto [prefix, count] : {std::pair("train", train), {"t10k", test}}) {
    std::string pixels, labels;
    for (int i = 0; i < count; ++i) {
      labels += static_cast<char>(i % 10);
      for (int y = 0; y < 28; ++y)
        for (int x = 0; x < 28; ++x)
          pixels += patternPixel(i % 10, y, x, 0, 28, ++noise);
    }
    write(std::string(prefix) + "-images-idx3-ubyte",
          idxImages(0x803, count, 28, 28, pixels));
    write(std::string(prefix) + "-labels-idx1-ubyte", idxLabels(0x801, labels));
  }
}

/// The end of a pipe that has no reader.
static int openClosedPipe() {
  int ends[2];
  if (::pipe(ends) != 0)
    return -1;
  ::close(ends[0]);
  return ends[1];
}

CommandResult runCommand(const std::vector<std::string> &arguments,
                         const std::vector<std::string> &environment,
                         Output output) {
  TemporaryFolder folder;
  std::string outPath = (folder / "out").string();
  std::string errPath = (folder / "err").string();
  pid_t child = ::fork();
  if (child == 0) {
    for (const std::string &setting : environment)
      ::putenv(const_cast<char *>(setting.c_str()));
    int null = ::open("/dev/null", O_RDONLY);
    int out = ::open(outPath.c_str(), O_WRONLY | O_CREAT, 0600);
    if (output != Output::Kept)
      out = openClosedPipe();
    int err = ::open(errPath.c_str(), O_WRONLY | O_CREAT, 0600);
    if (output == Output::ClosedWithErrors)
      err = out;
    ::dup2(null, 0);
    ::dup2(out, 1);
    ::dup2(err, 2);
    std::vector<char *> argv;
    for (const std::string &argument : arguments)
      argv.push_back(const_cast<char *>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CommandResult result;
  result.exitCode =
      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = readFile(outPath);
  result.err = readFile(errPath);
  return result;
}

} // namespace dale::runtime::test
