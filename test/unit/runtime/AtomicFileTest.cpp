//===- AtomicFileTest.cpp - Tests of files that appear whole --------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/AtomicFile.h"
#include "Support.h"

#include <fcntl.h>
#include <optional>
#include <sys/stat.h>

using namespace dale::runtime;
using namespace dale::runtime::test;
namespace fs = std::filesystem;

namespace {

TEST(AtomicFile, AppearsWhenCommitted) {
  TemporaryFolder folder;
  {
    AtomicFile file(folder / "a");
    file.write("world", 5, 6);
    file.write("hello ", 6, 0);
    EXPECT_FALSE(fs::exists(folder / "a"));
    file.commit();
  }
  EXPECT_EQ(readFile(folder / "a"), "hello world");
  EXPECT_EQ(listFolder(folder.path()), std::vector<std::string>{"a"});
}

TEST(AtomicFile, LeavesTheOldFileAloneUnlessCommitted) {
  TemporaryFolder folder;
  writeFile(folder / "a", "old");
  {
    AtomicFile file(folder / "a");
    file.write("new", 3, 0);
  }
  EXPECT_EQ(readFile(folder / "a"), "old");
  EXPECT_EQ(listFolder(folder.path()), std::vector<std::string>{"a"});
}

TEST(AtomicFile, HasTheUsualPermissions) {
  TemporaryFolder folder;
  for (mode_t mask : {022, 027, 077}) {
    mode_t before = ::umask(mask);
    writeTextFile(folder / "a", "text");
    EXPECT_EQ(::umask(before), mask);
    struct stat status;
    ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0666u & ~mask);
  }
}

/// Whether programs that are started get the descriptor of a file in `folder`;
/// nothing if none is open.
std::optional<bool> isInherited(const fs::path &folder) {
  for (const fs::directory_entry &entry :
       fs::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    if (fs::read_symlink(entry, ignored).parent_path() != folder)
      continue;
    int descriptor = std::stoi(entry.path().filename());
    return (::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) == 0;
  }
  return std::nullopt;
}

TEST(AtomicFile, IsNotInherited) {
  TemporaryFolder folder;
  AtomicFile file(folder / "a");
  EXPECT_EQ(isInherited(fs::canonical(folder.path())), false);
}

TEST(AtomicFile, NamesAMissingFolder) {
  TemporaryFolder folder;
  expectError([&] { AtomicFile file(folder / "no" / "a"); },
              {(folder / "no" / "a").string(), "No such file or directory",
               "create the folder first"});
}

TEST(AtomicFile, RefusesAFolder) {
  TemporaryFolder folder;
  expectError([&] { AtomicFile file(folder.path()); },
              {"is a folder: expected a file name"});
}

// Renaming over /dev/null would take it from the whole machine.
TEST(AtomicFile, RefusesToReplaceADevice) {
  TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expectError([&] { AtomicFile file(folder / "pipe"); }, {"no regular file"});
  EXPECT_TRUE(fs::is_fifo(folder / "pipe"));
}

TEST(AtomicFile, WritesThroughASymbolicLink) {
  TemporaryFolder folder;
  writeFile(folder / "target", "old");
  fs::create_symlink("target", folder / "link");
  writeTextFile(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(readFile(folder / "target"), "new");
}

TEST(AtomicFile, WritesWhatADanglingLinkNames) {
  TemporaryFolder folder;
  fs::create_directory(folder / "other");
  fs::create_symlink("other/link", folder / "link");
  fs::create_symlink("target", folder / "other" / "link");
  writeTextFile(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_TRUE(fs::is_symlink(folder / "other" / "link"));
  EXPECT_EQ(readFile(folder / "other" / "target"), "new");
}

TEST(AtomicFile, RefusesLinksThatGoRound) {
  TemporaryFolder folder;
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  expectError([&] { AtomicFile file(folder / "a"); },
              {"cannot be written: Too many levels of symbolic links"});
}

TEST(ReadTextFile, ReadsAllOrSaysWhyNot) {
  TemporaryFolder folder;
  std::string text(200000, 'x');
  writeFile(folder / "a", text + "\r\n");
  EXPECT_EQ(readTextFile(folder / "a"), text + "\r\n");
  writeFile(folder / "empty", "");
  EXPECT_EQ(readTextFile(folder / "empty"), "");
  expectError([&] { readTextFile(folder / "none"); },
              {(folder / "none").string(), "No such file or directory"});
  expectError([&] { readTextFile(folder.path()); },
              {folder.path().string() + ": is a folder: expected a text file"});
  // It can be opened, and nothing lies at its beginning.
  expectError([] { readTextFile("/proc/self/mem"); },
              {"/proc/self/mem: cannot be read: Input/output error"});
}

} // namespace
