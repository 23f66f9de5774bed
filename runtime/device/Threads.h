//===- Threads.h - The threads of generated code ----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Generated code runs its parallel loops on LLVM's OpenMP runtime. The runtime
/// says how many threads there shall be, and decodes images on the same ones.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_THREADS_H
#define DALE_RUNTIME_DEVICE_THREADS_H

#include <cstdint>
#include <functional>

namespace dale::runtime {

/// Sets the number of threads; 0 leaves the choice to OpenMP (OMP_NUM_THREADS,
/// else one for each CPU that this process may use). Comes before anything else
/// of this file; throws if OpenMP could not start.
void setThreads(int threads);

/// The number of threads that a parallel loop will have.
int threadCount();

/// Calls `body` for each number below `count`, on all threads, in any order.
/// What it throws is thrown again behind the loop: of the smallest number, so
/// that it does not depend on the threads either.
void parallelFor(int64_t count, const std::function<void(int64_t)> &body);

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_THREADS_H
