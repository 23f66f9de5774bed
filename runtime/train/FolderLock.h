//===- FolderLock.h - One process at a time in a folder ---------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Two processes that train in one folder would each lose what the other
/// writes. The lock is on the folder itself: no file is left of it, and it ends
/// with the process, however that ends.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_FOLDERLOCK_H
#define DALE_RUNTIME_TRAIN_FOLDERLOCK_H

#include <filesystem>
#include <utility>

namespace dale::runtime {

class FolderLock {
public:
  FolderLock() = default;
  FolderLock(FolderLock &&other) noexcept
      : descriptor(std::exchange(other.descriptor, -1)) {}
  FolderLock &operator=(FolderLock &&other) noexcept {
    std::swap(descriptor, other.descriptor);
    return *this;
  }
  /// Unlocks it.
  ~FolderLock();

  /// Locks a folder, if it is there and its file system has locks. Does nothing
  /// if it has one already. Programs that are started do not inherit it.
  /// Throws if another process, or another lock of this one, has locked it.
  void take(const std::filesystem::path &folder);

  bool taken() const { return descriptor >= 0; }

private:
  int descriptor = -1;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_FOLDERLOCK_H
