//===- Buffer.cpp - Aligned memory ----------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Buffer.h"

#include "runtime/Error.h"
#include "runtime/circuit/Sizes.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

using namespace dale::runtime;

static constexpr int64_t hugePage = int64_t(2) << 20;

void Buffer::Free::operator()(std::byte *pointer) const {
  if (release)
    release(pointer);
  else
    std::free(pointer);
}

std::string dale::runtime::formatBytes(double bytes) {
  constexpr std::array<std::string_view, 5> units = {"bytes", "KiB", "MiB",
                                                     "GiB", "TiB"};
  size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format(fmt::runtime(unit == 0 ? "{:.0f} {}" : "{:.1f} {}"), bytes,
                     units[unit]);
}

Buffer Buffer::uninitialized(int64_t bytes, Purpose purpose) {
  // The kernel promises memory that it does not have; ask it first.
  double machine = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) *
                   static_cast<double>(::sysconf(_SC_PAGESIZE));
  constexpr int64_t small = DALE_BUFFER_ALIGNMENT;
  int64_t alignment = bytes >= hugePage ? hugePage : small;
  void *memory = nullptr;
  int64_t rounded = 0;
  if (bytes >= 0 && static_cast<double>(bytes) <= machine) {
    // Never empty: generated code may take the address of an empty tensor.
    rounded = roundedUp(std::max<int64_t>(bytes, 1), alignment);
    memory = std::aligned_alloc(alignment, rounded);
  }
  if (!memory)
    fail("not enough memory for {}: {} are needed, this machine has {}; {}",
         purpose.name, formatBytes(static_cast<double>(bytes)),
         formatBytes(machine), purpose.mend);
  if (bytes >= hugePage)
    ::madvise(memory, rounded, MADV_HUGEPAGE);
  Buffer buffer;
  buffer.memory.reset(static_cast<std::byte *>(memory));
  buffer.bytes = bytes;
  return buffer;
}

Buffer Buffer::zeroed(int64_t bytes, Purpose purpose) {
  Buffer buffer = uninitialized(bytes, purpose);
  std::memset(buffer.data(), 0, static_cast<size_t>(bytes));
  return buffer;
}

Buffer Buffer::adopt(std::byte *memory, int64_t bytes,
                     std::function<void(std::byte *)> release) {
  Buffer buffer;
  buffer.memory = {memory, Free{std::move(release)}};
  buffer.bytes = bytes;
  return buffer;
}

DaleBuffer Buffer::view(int64_t size) {
  assert(size <= bytes && "a view cannot be larger than its buffer");
  return {data(), data(), 0, size, 1};
}
