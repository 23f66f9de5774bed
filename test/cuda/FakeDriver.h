//===- FakeDriver.h - A CUDA driver without a GPU ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// Stands in for libcuda.so.1: a GPU whose memory is the host's, at addresses
/// that the host cannot follow. It ends the test at once where the interface's
/// rules are broken. Functions of modules and launches are another file's:
/// FakeKernels.cpp has the fake circuit's kernels, ../ptx/PtxKernels.cpp runs
/// PTX.
///
/// FAKE_CUDA in the environment lists, between commas, what is peculiar:
///   old, nodevice, two, arch=75, memory=BYTES, piece=BYTES (the largest that
///   is free), nocooperative, shared=BYTES, each=N (blocks a multiprocessor has
///   room for), deferred (all is done as late as CUDA may do it);
/// with the fake circuit's kernels also
///   noroom, badimage, nolaunch, crash=N (in the N-th launch).

#ifndef DALE_TEST_CUDA_FAKEDRIVER_H
#define DALE_TEST_CUDA_FAKEDRIVER_H

#include <cstddef>
#include <cstdint>
#include <functional>

namespace dale::test::cuda {

constexpr int success = 0, invalidValue = 1, outOfMemory = 2, noDevice = 100,
              noBinary = 209, illegalAddress = 700, tooLarge = 720;

constexpr unsigned multiprocessors = 2;

/// What all that comes behind an error returns.
extern int sticky;

/// The text behind `name=` or of a lone `name` in FAKE_CUDA, or null.
const char *option(const char *name);
uint64_t number(const char *name, uint64_t otherwise);

void require(bool holds, const char *what);

/// Memory of the device, from `begin` to `end`, and where it really is.
struct Allocation {
  uint64_t begin = 0, end = 0;
  std::byte *host = nullptr;
};

/// The one that an address is in: an empty one if there is none.
Allocation findAllocation(uint64_t address);

/// Where `bytes` bytes at a device's address really are. They must be there.
std::byte *hostOf(uint64_t address, size_t bytes);

/// Puts work behind all else, to be done now or later.
int enqueue(std::function<void()> work);

} // namespace dale::test::cuda

#endif // DALE_TEST_CUDA_FAKEDRIVER_H
