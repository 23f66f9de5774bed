//===- Threads.cpp - The threads of generated code ------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Threads.h"

// Declared by hand, as the OpenMP standard has them: <omp.h> comes with one
// particular compiler, and no directive of OpenMP is used here.
extern "C" {
void omp_set_num_threads(int threads);
int omp_get_max_threads(void);
}

void dale::runtime::setThreads(int threads) {
  if (threads > 0)
    omp_set_num_threads(threads);
}

int dale::runtime::threadCount() { return omp_get_max_threads(); }
