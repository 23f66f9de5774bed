//===- AtomicFile.cpp - Files that appear whole or not at all -------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/AtomicFile.h"

#include "runtime/Error.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

using namespace dale::runtime;
namespace fs = std::filesystem;

std::string dale::runtime::systemError(int number) {
  return std::generic_category().message(number);
}

/// A hint that fits an errno met while writing.
static std::string_view mendWriting(int number) {
  switch (number) {
  case ENOENT:
    return "create the folder first";
  case EACCES:
  case EPERM:
  case EROFS:
    return "choose a folder that you may write to";
  case ENOSPC:
  case EDQUOT:
    return "free some space or choose another disk";
  default:
    return "choose another place";
  }
}

[[noreturn]] static void failWriting(const fs::path &path, int number) {
  fail("{}: cannot be written: {}; {}", path.string(), systemError(number),
       mendWriting(number));
}

AtomicFile::AtomicFile(fs::path path) : finalPath(std::move(path)) {
  std::error_code ignored;
  // Through a symbolic link the file that it names is replaced, not the link.
  if (fs::is_symlink(finalPath, ignored)) {
    fs::path target = fs::weakly_canonical(finalPath, ignored);
    if (!target.empty())
      finalPath = target;
  }
  fs::file_status status = fs::status(finalPath, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status))
    fail("{}: is {}: expected a file name to write to; choose another name",
         finalPath.string(),
         fs::is_directory(status) ? "a folder" : "no regular file");

  temporaryPath = finalPath.string() + ".tmp-XXXXXX";
  descriptor = ::mkstemp(temporaryPath.data());
  if (descriptor < 0)
    failWriting(finalPath, errno);
  // mkstemp makes private files; give this one the usual permissions.
  mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor, 0666 & ~mask);
}

AtomicFile::~AtomicFile() {
  if (descriptor < 0)
    return;
  ::close(descriptor);
  ::unlink(temporaryPath.c_str());
}

void AtomicFile::write(const void *data, size_t size, int64_t offset) {
  const char *bytes = static_cast<const char *>(data);
  while (size > 0) {
    ssize_t written = ::pwrite(descriptor, bytes, size, offset);
    if (written < 0) {
      if (errno == EINTR)
        continue;
      failWriting(finalPath, errno);
    }
    bytes += written;
    offset += written;
    size -= static_cast<size_t>(written);
  }
}

void AtomicFile::resize(int64_t size) {
  if (::ftruncate(descriptor, size) != 0)
    failWriting(finalPath, errno);
}

void AtomicFile::commit() {
  if (::fsync(descriptor) != 0)
    failWriting(finalPath, errno);
  if (::rename(temporaryPath.c_str(), finalPath.c_str()) != 0)
    failWriting(finalPath, errno);
  ::close(descriptor);
  descriptor = -1;

  // The rename itself must survive a power cut too. Some file systems cannot
  // flush a folder; that is no failure.
  fs::path folder = finalPath.parent_path();
  int folderDescriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (folderDescriptor >= 0) {
    ::fsync(folderDescriptor);
    ::close(folderDescriptor);
  }
}

void dale::runtime::writeTextFile(const fs::path &path, std::string_view text) {
  AtomicFile file(path);
  file.write(text.data(), text.size(), 0);
  file.commit();
}

std::string dale::runtime::readTextFile(const fs::path &path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    fail("{}: cannot be read: {}", path.string(), systemError(errno));
  return {std::istreambuf_iterator<char>(stream), {}};
}
