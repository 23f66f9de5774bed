//===- Threads.cpp - The threads of generated code ------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Threads.h"

#include <atomic>
#include <exception>
#include <mutex>

// Declared by hand, as the OpenMP standard has them: <omp.h> comes with one
// particular compiler.
extern "C" {
void omp_set_num_threads(int threads);
int omp_get_max_threads(void);
}

void dale::runtime::setThreads(int threads) {
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
