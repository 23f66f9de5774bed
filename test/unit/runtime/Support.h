//===- Support.h - What the runtime's tests share ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Folders that go away, files with known contents, and commands that are run.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_UNIT_RUNTIME_SUPPORT_H
#define DALE_TEST_UNIT_RUNTIME_SUPPORT_H

#include "runtime/Error.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime::test {

/// A folder of its own for each test, removed with what is in it.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::filesystem::path operator/(std::string_view name) const {
    return root / name;
  }
  const std::filesystem::path &path() const { return root; }

private:
  std::filesystem::path root;
};

void writeFile(const std::filesystem::path &path, std::string_view bytes);
std::string readFile(const std::filesystem::path &path);

/// The names in a folder, sorted.
std::vector<std::string> listFolder(const std::filesystem::path &path);

/// Expects an Error whose message has all of these parts.
void expectError(const std::function<void()> &action,
                 const std::vector<std::string> &parts);

/// A safetensors file of this header and these bytes, whatever they are.
std::string rawTensors(std::string_view header, std::string_view data);

/// CIFAR-10's six files, `records` in each. Every class has a pattern of its
/// own, so that a linear read-out can learn it. The labels go round.
void writeCifar10(const std::filesystem::path &folder, int records);

/// MNIST's four files with patterns that can be learned.
void writeIdx(const std::filesystem::path &folder, int train, int test,
              bool compressed);

/// A file of bytes compressed by gzip.
void writeCompressed(const std::filesystem::path &path, std::string_view bytes);

/// The header and the data of IDX files.
std::string idxImages(uint32_t magic, uint32_t count, uint32_t height,
                      uint32_t width, std::string_view pixels);
std::string idxLabels(uint32_t magic, std::string_view labels);

struct CommandResult {
  /// 128 + N if a signal ended it.
  int exitCode = 0;
  std::string out;
  std::string err;
};

/// Where a program's output goes: to the test, or into a pipe that nobody
/// reads, without its errors or with them.
enum class Output { Kept, Closed, ClosedWithErrors };

/// Runs a program with stdin closed, and with `environment` ("NAME=value")
/// added.
CommandResult runCommand(const std::vector<std::string> &arguments,
                         const std::vector<std::string> &environment = {},
                         Output output = Output::Kept);

} // namespace dale::runtime::test

#endif // DALE_TEST_UNIT_RUNTIME_SUPPORT_H
