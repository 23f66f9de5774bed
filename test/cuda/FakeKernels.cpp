//===- FakeKernels.cpp - The fake circuit's kernels -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// A module of the fake driver: functions of the fake circuit, which is the
/// executable (FakeCircuit.cpp). FAKE_CUDA_LACKS_A_SYMBOL, when compiled, is a
/// driver without cooperative launches.

#include "FakeDriver.h"

#include <cstring>
#include <dlfcn.h>
#include <vector>

using namespace dale::test::cuda;

namespace {

struct Kernel {
  const char *name;
  size_t parameters;
  int shared = 0;
};
Kernel kernels[] = {{"dale_prepare", 31},
                    {"dale_train_step", 61},
                    {"dale_evaluate", 31},
                    {"dale_respond", 36}};

[[maybe_unused]] int launches = 0;

[[maybe_unused]] void *translate(uint64_t address) {
  return hostOf(address, 1);
}

/// What the fake circuit's kernels are given: 2 KiB where there are.
unsigned expectedShared() {
  return number("shared", 101376) >= 2048 ? 2048 : 1024;
}

} // namespace

extern "C" {

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
  uint64_t room = multiprocessors * number("each", 1);
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
