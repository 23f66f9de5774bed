//===- AtomicFile.cpp - Files that appear whole or not at all -------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/AtomicFile.h"

#include "runtime/Error.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <random>
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
  case EFBIG:
    return "raise the limit of a file's size (ulimit -f)";
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

/// The file that a chain of symbolic links names, whether or not it is there:
/// that is replaced, not the link.
static fs::path followLinks(fs::path path) {
  constexpr int most = 40; // as of the kernel
  std::error_code error;
  for (int links = 0; fs::is_symlink(path, error); ++links) {
    fs::path target = fs::read_symlink(path, error);
    if (links == most || error)
      failWriting(path, error ? error.value() : ELOOP);
    path = path.parent_path() / target;
  }
  return path;
}

/// Creates a file that was not there, named `prefix` and six letters, with the
/// usual permissions: mkstemp makes private files, and to ask for the umask is
/// to change it for all threads. Returns its descriptor, or -1 and errno.
static int createUnique(const std::string &prefix, std::string &path) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  // No random_device: of libstdc++'s here, executables would need glibc 2.36,
  // and who else has the name is told by the kernel.
  auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  std::seed_seq seed{::getpid(), static_cast<int>(now),
                     static_cast<int>(now >> 32)};
  std::minstd_rand random(seed);
  std::uniform_int_distribution<size_t> letter(0, letters.size() - 1);
  constexpr int tries = 100;
  int descriptor = -1;
  for (int i = 0; i < tries; ++i) {
    path = prefix;
    for (int j = 0; j < 6; ++j)
      path += letters[letter(random)];
    descriptor =
        ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST)
      break;
  }
  return descriptor;
}

AtomicFile::AtomicFile(fs::path path)
    : finalPath(followLinks(std::move(path))) {
  std::error_code ignored;
  fs::file_status status = fs::status(finalPath, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status))
    fail("{}: is {}: expected a file name to write to; choose another name",
         finalPath.string(),
         fs::is_directory(status) ? "a folder" : "no regular file");

  descriptor = createUnique(finalPath.string() + ".tmp-", temporaryPath);
  if (descriptor < 0)
    failWriting(finalPath, errno);
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
  int folderDescriptor = ::open(folder.empty() ? "." : folder.c_str(),
                                O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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

void dale::runtime::checkRegularFile(const fs::path &path,
                                     std::string_view expected) {
  std::error_code error;
  fs::file_status status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_regular_file(status))
    fail("{}: is {}: expected {}", path.string(),
         fs::is_directory(status) ? "a folder" : "no regular file", expected);
}

std::string dale::runtime::readTextFile(const fs::path &path) {
  std::error_code ignored;
  // A folder can be opened, but not read.
  if (fs::is_directory(path, ignored))
    fail("{}: is a folder: expected a text file; move it away, or correct the "
         "name",
         path.string());
  std::ifstream stream(path, std::ios::binary);
  std::string text;
  std::array<char, 1 << 16> chunk;
  while (stream) {
    stream.read(chunk.data(), chunk.size());
    text.append(chunk.data(), static_cast<size_t>(stream.gcount()));
  }
  if (!stream.eof() || stream.bad())
    fail("{}: cannot be read: {}", path.string(), systemError(errno));
  return text;
}
