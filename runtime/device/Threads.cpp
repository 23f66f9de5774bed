//===- Threads.cpp - The threads of generated code ------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Threads.h"

#include "runtime/Error.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace dale::runtime;

// Declared by hand, as the OpenMP standard has them: <omp.h> comes with one
// particular compiler.
extern "C" {
void omp_set_num_threads(int threads);
int omp_get_max_threads(void);
}

/// Takes `bytes` of shared memory and gives them back. Returns an errno, or 0.
static int trySharedMemory(off_t bytes) {
  std::string name = fmt::format("/dale-{}", ::getpid());
  int file = ::shm_open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0)
    return 0; // OpenMP does without.
  ::shm_unlink(name.c_str());
  int error = ::posix_fallocate(file, 0, bytes);
  ::close(file);
  return error;
}

/// OpenMP's runtime notes its name in shared memory when it starts, and where
/// there is no room for that, or a limit leaves the note empty, the kernel ends
/// a process without a word (SIGBUS): this one, or a later one of its number.
static void checkSharedMemory() {
  // What another of this number left, which was killed at its start.
  ::shm_unlink(
      fmt::format("/__KMP_REGISTERED_LIB_{}_{}", ::getpid(), ::getuid())
          .c_str());
  // All programs share the room, so that it may soon be there again.
  constexpr std::chrono::milliseconds pause(100), longest(3000);
  int error = trySharedMemory(1024);
  for (auto waited = pause; error == ENOSPC && waited <= longest;
       waited += pause) {
    std::this_thread::sleep_for(pause);
    error = trySharedMemory(1024);
  }
  if (error == ENOSPC)
    fail("/dev/shm is full, and OpenMP needs a page of it; free some (df "
         "/dev/shm), or give a container more (docker run --shm-size)");
  if (error == EFBIG)
    fail("OpenMP needs a file of 1 KiB in /dev/shm, and the limit of a file's "
         "size is lower; raise it (ulimit -f)");
}

void dale::runtime::setThreads(int threads) {
  // Before OpenMP's first function is called.
  static std::once_flag checked;
  std::call_once(checked, checkSharedMemory);
  if (threads > 0)
    omp_set_num_threads(threads);
}

int dale::runtime::threadCount() { return omp_get_max_threads(); }

void dale::runtime::parallelFor(int64_t count,
                                const std::function<void(int64_t)> &body) {
  std::atomic<int64_t> next = 0, failedAt = count;
  std::exception_ptr failure;
  std::mutex mutex;
  // No exception may leave a parallel region.
#pragma omp parallel
  for (int64_t i; (i = next++) < failedAt;) {
    try {
      body(i);
    } catch (...) {
      std::lock_guard lock(mutex);
      if (i < failedAt) {
        failedAt = i;
        failure = std::current_exception();
      }
    }
  }
  if (failure)
    std::rethrow_exception(failure);
}
