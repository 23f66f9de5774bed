//===- AtomicFile.h - Files that appear whole or not at all -----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A file is written under a temporary name in the same folder, flushed to the
/// disk, and renamed. Whoever opens the final name sees the old file or the new
/// one, never a part; on any failure the old one is untouched.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_IO_ATOMICFILE_H
#define DALE_RUNTIME_IO_ATOMICFILE_H

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace dale::runtime {

class AtomicFile {
public:
  /// Creates the temporary file, beside what a symbolic link `path` names, and
  /// with the usual permissions. Programs that are started do not inherit it.
  /// Throws if `path` could not be written in the
  /// end: its folder is missing or not writable, or it is there and no regular
  /// file (so that a device node is never replaced).
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;
  /// Removes the temporary file unless committed.
  ~AtomicFile();

  /// Writes `size` bytes at `offset`.
  void write(const void *data, size_t size, int64_t offset);

  /// Makes the file `size` bytes long; what is never written is 0.
  void resize(int64_t size);

  /// Flushes and renames. Nothing can be written afterwards.
  void commit();

  const std::filesystem::path &path() const { return finalPath; }

private:
  std::filesystem::path finalPath;
  std::string temporaryPath;
  int descriptor = -1;
};

/// Writes a whole text file atomically.
void writeTextFile(const std::filesystem::path &path, std::string_view text);

/// Reads a whole text file. Throws if it is a folder, or cannot be read to its
/// end.
std::string readTextFile(const std::filesystem::path &path);

/// Throws if `path` is there and no regular file: what else can be opened may
/// block for ever, or say that it has 2^63 - 1 bytes. `expected` says what the
/// file should be, and how to mend it.
void checkRegularFile(const std::filesystem::path &path,
                      std::string_view expected);

/// "No such file or directory" and the like, of errno.
std::string systemError(int number);

} // namespace dale::runtime

#endif // DALE_RUNTIME_IO_ATOMICFILE_H
