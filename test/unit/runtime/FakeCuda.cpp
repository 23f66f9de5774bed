//===- FakeCuda.cpp - A CUDA driver without a GPU -------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// Stands in for libcuda.so.1: a GPU whose memory is the host's, at addresses
/// that the host cannot follow, and whose kernels are the fake circuit's. It
/// ends the test at once where the interface's rules are broken.
///
/// FAKE_CUDA in the environment lists, between commas, what is peculiar:
///   old, nodevice, two, arch=75, memory=BYTES, piece=BYTES
///   (the largest that is free), nocooperative, shared=BYTES,
///   noroom, each=N (blocks a multiprocessor has room for), badimage, nolaunch,
///   crash=N (in the N-th launch), deferred (all is done as late as CUDA may do
///   it).
/// FAKE_CUDA_LACKS_A_SYMBOL, when compiled, is a driver without cooperative
/// launches.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <dlfcn.h>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace {

constexpr uint64_t addressOffset = uint64_t(1) << 62;
constexpr int success = 0, invalidValue = 1, outOfMemory = 2, noDevice = 100,
              noBinary = 209, illegalAddress = 700, tooLarge = 720;

struct Kernel {
  const char *name;
  size_t parameters;
  int shared = 0;
};
Kernel kernels[] = {{"dale_prepare", 31},
                    {"dale_train_step", 61},
                    {"dale_evaluate", 31},
                    {"dale_respond", 36}};

bool initialized = false, current = false;
[[maybe_unused]] int launches = 0;
int sticky = success;
uint64_t used = 0;
std::map<uint64_t, std::pair<std::byte *, size_t>> memory;
std::deque<std::function<void()>> queue;
/// How much of the queue has ever been begun, and is done.
uint64_t begun = 0, done = 0;

/// The text behind `name=` or of a lone `name`, or null.
const char *option(const char *name) {
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

uint64_t number(const char *name, uint64_t otherwise) {
  const char *text = option(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void require(bool holds, const char *what) {
  if (holds)
    return;
  std::fprintf(stderr, "fake CUDA: %s\n", what);
  std::abort();
}

/// Where `bytes` bytes at a device's address really are.
void *hostOf(uint64_t address, size_t bytes) {
  auto above = memory.upper_bound(address);
  require(above != memory.begin(), "an address of no allocation");
  auto &[start, block] = *std::prev(above);
  require(address - start + bytes <= block.second, "behind an allocation");
  return block.first + (address - start);
}

[[maybe_unused]] void *translate(uint64_t address) {
  return hostOf(address, 1);
}

/// Works until so much of the queue is done.
void workUntil(uint64_t place) {
  for (; done < place; ++done) {
    queue.front()();
    queue.pop_front();
  }
}

int enqueue(std::function<void()> work) {
  require(current, "no context is current");
  if (sticky)
    return sticky;
  queue.push_back(std::move(work));
  ++begun;
  if (!option("deferred"))
    workUntil(begun);
  return success;
}

} // namespace

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

int cuModuleLoadDataEx(void **module, const void *image, unsigned options,
                       int *names, void **values) {
  const char *text = static_cast<const char *>(image);
  uint64_t arch = number("arch", 89);
  if (option("badimage")) {
    for (unsigned i = 0; i < options; ++i)
      if (names[i] == 5)
        std::strcpy(static_cast<char *>(values[i]), "ptxas: line 3: no");
    return noBinary;
  }
  const char *expected = arch < 90    ? "cubin 80"
                         : arch < 100 ? "cubin 90"
                                      : "PTX";
  require(std::strcmp(text, expected) == 0, "another image was expected");
  *module = kernels;
  return success;
}

int cuModuleUnload(void *) { return success; }

int cuModuleGetFunction(void **function, void *module, const char *name) {
  require(module == kernels, "another module");
  for (Kernel &kernel : kernels)
    if (std::strcmp(kernel.name, name) == 0) {
      *function = &kernel;
      return success;
    }
  return invalidValue;
}

/// What the fake circuit's kernels are given: 2 KiB where there are.
static unsigned expectedShared() {
  return number("shared", 101376) >= 2048 ? 2048 : 1024;
}

int cuFuncSetAttribute(void *function, int attribute, int value) {
  require(attribute == 8, "cuFuncSetAttribute");
  static_cast<Kernel *>(function)->shared = value;
  return success;
}

int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *function,
                                                int threads, size_t shared) {
  require(threads == 32 && shared == expectedShared() &&
              static_cast<Kernel *>(function)->shared ==
                  static_cast<int>(expectedShared()),
          "the occupancy of another kernel");
  *blocks = option("noroom") ? 0 : static_cast<int>(number("each", 1));
  return success;
}

#ifndef FAKE_CUDA_LACKS_A_SYMBOL
int cuLaunchCooperativeKernel(void *function, unsigned gridX, unsigned gridY,
                              unsigned gridZ, unsigned blockX, unsigned blockY,
                              unsigned blockZ, unsigned shared, void *,
                              void **parameters) {
  require(gridX >= 1 && gridX <= 4 && gridZ == 1 && blockX == 32 &&
              blockY == 1 && blockZ == 1 && shared == expectedShared(),
          "another grid was expected");
  // There are two multiprocessors.
  uint64_t room = 2 * number("each", 1);
  require(gridX * gridY > room / 2 || gridX == 4, "blocks are left unused");
  if (option("nolaunch") || gridX * gridY > room)
    return tooLarge;
  const Kernel &kernel = *static_cast<Kernel *>(function);
  std::vector<uint64_t> values;
  for (size_t i = 0; i < kernel.parameters; ++i)
    values.push_back(*static_cast<uint64_t *>(parameters[i]));
  auto run = reinterpret_cast<void (*)(const char *, const uint64_t *, int64_t,
                                       int64_t, void *(*)(uint64_t))>(
      ::dlsym(RTLD_DEFAULT, "dale_fake_gpu_launch"));
  require(run != nullptr, "the executable exports no kernels");
  return enqueue([=, name = kernel.name] {
    if (++launches == static_cast<int>(number("crash", 0)))
      sticky = illegalAddress;
    if (!sticky)
      run(name, values.data(), gridY, gridX, translate);
  });
}
#endif

} // extern "C"
