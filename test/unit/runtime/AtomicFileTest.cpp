//===- AtomicFileTest.cpp - Tests of files that appear whole --------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/AtomicFile.h"
#include "Support.h"

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
  mode_t mask = ::umask(022);
  writeTextFile(folder / "a", "text");
  ::umask(mask);
  struct stat status;
  ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0644u);
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

} // namespace
