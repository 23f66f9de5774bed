//===- FolderLock.cpp - One process at a time in a folder -----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/FolderLock.h"

#include "runtime/Error.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace dale::runtime;

/// Thousands of seeds are thousands of locks. Half of the descriptors that may
/// be open stay for files.
static void allowMoreThan(int descriptor) {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
      static_cast<rlim_t>(descriptor) < limit.rlim_cur / 2)
    return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

FolderLock::~FolderLock() {
  if (taken())
    ::close(descriptor);
}

void FolderLock::take(const std::filesystem::path &folder) {
  if (taken())
    return;
  descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!taken())
    return;
  allowMoreThan(descriptor);
  // Some file systems have no locks: that is no reason not to work there.
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return;
  ::close(std::exchange(descriptor, -1));
  fail("{}: another process trains or analyzes there: expected a folder for "
       "each; wait for its end, or choose another --out",
       folder.string());
}
