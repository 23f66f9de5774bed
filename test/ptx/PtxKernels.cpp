//===- PtxKernels.cpp - A CUDA driver that runs PTX -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// Modules of the fake driver are PTX, which the host runs. With it an
/// executable of `dale compile` does all that it does with a GPU. FAKE_CUDA may
/// say `reversed`: blocks and warps that come last go first; and
/// `profile=FILE`: what a module's functions did is written there when it is
/// unloaded.

#include "Machine.h"
#include "Profile.h"
#include "test/cuda/FakeDriver.h"

#include <cstdio>
#include <cstring>
#include <deque>
#include <fstream>

using namespace dale::test;
using namespace dale::test::cuda;

namespace {

struct Module;

struct Kernel {
  Module *module;
  const ptx::Function *entry;
  size_t shared = 0;
};

struct Module {
  explicit Module(const char *text)
      : program(text), machine(program, [](uint64_t address) -> ptx::Region {
          Allocation allocation = findAllocation(address);
          return {allocation.begin, allocation.end, allocation.host};
        }) {
    if (option("profile"))
      machine.setProfile(&profile);
  }
  ~Module() {
    if (const char *file = option("profile"))
      std::ofstream(file) << profile.describe() << '\n';
  }

  ptx::Program program;
  ptx::Machine machine;
  ptx::Profile profile;
  std::deque<Kernel> kernels;
};

void run(Module &module, const ptx::Launch &launch) {
  try {
    module.machine.run(launch);
  } catch (const ptx::PtxError &error) {
    std::fprintf(stderr, "PTX: %s\n", error.what());
    sticky = illegalAddress;
  }
}

} // namespace

extern "C" {

int cuModuleLoadDataEx(void **module, const void *image, unsigned, int *,
                       void **) {
  try {
    *module = new Module(static_cast<const char *>(image));
    return success;
  } catch (const ptx::PtxError &error) {
    std::fprintf(stderr, "PTX: %s\n", error.what());
    return noBinary;
  }
}

int cuModuleUnload(void *module) {
  delete static_cast<Module *>(module);
  return success;
}

int cuModuleGetFunction(void **function, void *handle, const char *name) {
  auto *module = static_cast<Module *>(handle);
  const ptx::Function *entry = module->program.findEntry(name);
  if (!entry)
    return invalidValue;
  module->kernels.push_back({module, entry});
  *function = &module->kernels.back();
  return success;
}

int cuFuncSetAttribute(void *function, int attribute, int value) {
  require(attribute == 8, "cuFuncSetAttribute");
  static_cast<Kernel *>(function)->shared = static_cast<size_t>(value);
  return success;
}

int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *, int,
                                                size_t) {
  *blocks = static_cast<int>(number("each", 1));
  return success;
}

int cuLaunchCooperativeKernel(void *function, unsigned gridX, unsigned gridY,
                              unsigned gridZ, unsigned blockX, unsigned blockY,
                              unsigned blockZ, unsigned shared, void *,
                              void **parameters) {
  auto *kernel = static_cast<Kernel *>(function);
  require(gridZ == 1 && blockY == 1 && blockZ == 1, "another grid");
  require(shared <= kernel->shared, "more shared memory than was allowed");
  if (gridX * gridY > multiprocessors * number("each", 1))
    return tooLarge;
  ptx::Launch launch{kernel->entry, {},     {gridX, gridY},
                     blockX,        shared, option("reversed") != nullptr};
  for (size_t i = 0; i < kernel->entry->parameters.size(); ++i) {
    uint64_t value = 0;
    std::memcpy(&value, parameters[i],
                static_cast<size_t>(kernel->entry->parameters[i].bytes));
    launch.parameters.push_back(value);
  }
  return enqueue([=] {
    if (!sticky)
      run(*kernel->module, launch);
  });
}

} // extern "C"
