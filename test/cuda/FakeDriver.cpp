//===- FakeDriver.cpp - A CUDA driver without a GPU -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeDriver.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <utility>

using namespace dale::test::cuda;

namespace {

constexpr uint64_t addressOffset = uint64_t(1) << 62;

bool initialized = false, current = false;
uint64_t used = 0;
std::map<uint64_t, std::pair<std::byte *, size_t>> memory;
std::deque<std::function<void()>> queue;
/// How much of the queue has ever been begun, and is done.
uint64_t begun = 0, done = 0;

/// Works until so much of the queue is done.
void workUntil(uint64_t place) {
  for (; done < place; ++done) {
    queue.front()();
    queue.pop_front();
  }
}

} // namespace

int dale::test::cuda::sticky = success;

const char *dale::test::cuda::option(const char *name) {
  static std::string text;
  const char *all = std::getenv("FAKE_CUDA");
  std::string rest = all ? all : "";
  while (!rest.empty()) {
    size_t comma = rest.find(',');
    std::string part = rest.substr(0, comma);
    rest = comma == rest.npos ? "" : rest.substr(comma + 1);
    size_t equals = part.find('=');
    if (part.substr(0, equals) != name)
      continue;
    text = equals == part.npos ? "" : part.substr(equals + 1);
    return text.c_str();
  }
  return nullptr;
}

uint64_t dale::test::cuda::number(const char *name, uint64_t otherwise) {
  const char *text = option(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void dale::test::cuda::require(bool holds, const char *what) {
  if (holds)
    return;
  std::fprintf(stderr, "fake CUDA: %s\n", what);
  std::abort();
}

Allocation dale::test::cuda::findAllocation(uint64_t address) {
  auto above = memory.upper_bound(address);
  if (above == memory.begin())
    return {};
  auto &[start, block] = *std::prev(above);
  if (address - start >= block.second)
    return {};
  return {start, start + block.second, block.first};
}

std::byte *dale::test::cuda::hostOf(uint64_t address, size_t bytes) {
  Allocation allocation = findAllocation(address);
  require(allocation.host, "an address of no allocation");
  require(address + bytes <= allocation.end, "behind an allocation");
  return allocation.host + (address - allocation.begin);
}

int dale::test::cuda::enqueue(std::function<void()> work) {
  require(current, "no context is current");
  if (sticky)
    return sticky;
  queue.push_back(std::move(work));
  ++begun;
  if (!option("deferred"))
    workUntil(begun);
  return success;
}

extern "C" {

int cuDriverGetVersion(int *version) {
  *version = option("old") ? 11040 : 12020;
  return success;
}

int cuInit(unsigned flags) {
  require(flags == 0, "cuInit's flags");
  initialized = true;
  return option("nodevice") ? noDevice : success;
}

int cuGetErrorName(int result, const char **text) {
  *text = result == outOfMemory      ? "CUDA_ERROR_OUT_OF_MEMORY"
          : result == noBinary       ? "CUDA_ERROR_NO_BINARY_FOR_GPU"
          : result == illegalAddress ? "CUDA_ERROR_ILLEGAL_ADDRESS"
          : result == tooLarge       ? "CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE"
                                     : "CUDA_ERROR_INVALID_VALUE";
  return success;
}

int cuGetErrorString(int result, const char **text) {
  *text = result == illegalAddress ? "an illegal memory access was encountered"
                                   : "as the fake driver says";
  return success;
}

int cuDeviceGetCount(int *count) {
  require(initialized, "cuInit comes first");
  *count = option("two") ? 2 : 1;
  return success;
}

int cuDeviceGet(int *device, int ordinal) {
  *device = 10 + ordinal;
  return success;
}

int cuDeviceGetName(char *name, int length, int device) {
  std::snprintf(name, static_cast<size_t>(length), "Fake GPU %d", device);
  return success;
}

int cuDeviceGetAttribute(int *value, int attribute, int) {
  int arch = static_cast<int>(number("arch", 89));
  switch (attribute) {
  case 16:
    *value = 2;
    return success;
  case 75:
    *value = arch / 10;
    return success;
  case 76:
    *value = arch % 10;
    return success;
  case 95:
    *value = !option("nocooperative");
    return success;
  case 97:
    *value = static_cast<int>(number("shared", 101376));
    return success;
  default:
    return invalidValue;
  }
}

int cuDevicePrimaryCtxRetain(void **context, int) {
  *context = &current;
  return success;
}

int cuDevicePrimaryCtxRelease_v2(int) {
  require(memory.empty() || sticky, "memory is left");
  return success;
}

int cuCtxSetCurrent(void *context) {
  current = context == &current;
  return success;
}

int cuMemGetInfo_v2(size_t *free, size_t *total) {
  *total = number("memory", 1 << 30);
  *free = *total - used;
  return success;
}

int cuMemAlloc_v2(uint64_t *pointer, size_t bytes) {
  require(current && bytes > 0, "cuMemAlloc");
  uint64_t all = number("memory", 1 << 30);
  if (used + bytes > all || bytes > number("piece", all))
    return outOfMemory;
  used += bytes;
  auto *block = static_cast<std::byte *>(
      std::aligned_alloc(256, (bytes + 255) / 256 * 256));
  std::memset(block, 0xFF, bytes);
  *pointer = reinterpret_cast<uint64_t>(block) + addressOffset;
  memory[*pointer] = {block, bytes};
  return success;
}

int cuMemFree_v2(uint64_t pointer) {
  if (sticky)
    return sticky;
  require(queue.empty(), "memory is given back while it is used");
  require(memory.contains(pointer), "cuMemFree of what was not allocated");
  used -= memory[pointer].second;
  std::free(memory[pointer].first);
  memory.erase(pointer);
  return success;
}

int cuMemHostAlloc(void **pointer, size_t bytes, unsigned) {
  require(current && bytes > 0, "cuMemHostAlloc");
  *pointer = std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  return *pointer ? success : outOfMemory;
}

int cuMemFreeHost(void *pointer) {
  require(queue.empty() || sticky, "host memory is freed while it is used");
  std::free(pointer);
  return success;
}

int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *) {
  void *place = hostOf(to, bytes);
  return enqueue([=] { std::memcpy(place, from, bytes); });
}

int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *) {
  void *place = hostOf(from, bytes);
  return enqueue([=] { std::memcpy(to, place, bytes); });
}

int cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, void *) {
  void *place = hostOf(to, bytes);
  return enqueue([=] { std::memset(place, value, bytes); });
}

int cuStreamCreate(void **stream, unsigned) {
  *stream = &queue;
  return success;
}

int cuStreamDestroy_v2(void *) { return success; }

int cuStreamSynchronize(void *stream) {
  require(stream == &queue, "another stream");
  workUntil(begun);
  return sticky;
}

int cuEventCreate(void **event, unsigned) {
  *event = new uint64_t(0);
  return success;
}

int cuEventDestroy_v2(void *event) {
  delete static_cast<uint64_t *>(event);
  return success;
}

int cuEventRecord(void *event, void *stream) {
  require(stream == &queue, "another stream");
  *static_cast<uint64_t *>(event) = begun;
  return sticky;
}

int cuEventSynchronize(void *event) {
  workUntil(*static_cast<uint64_t *>(event));
  return sticky;
}

} // extern "C"
