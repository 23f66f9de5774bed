//===- CudaLibrary.cpp - The CUDA driver, loaded at run time --------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/gpu/CudaLibrary.h"

#include "runtime/Error.h"

#include <dlfcn.h>

using namespace dale::runtime;

static constexpr const char *libraryName = "libcuda.so.1";

/// PTX of version 8.0, which dale writes, came with CUDA 12.0.
static constexpr int oldestVersion = 12000;

static std::string versionName(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

template <typename Function>
static void find(void *library, const char *symbol, Function *&function) {
  function = reinterpret_cast<Function *>(::dlsym(library, symbol));
  if (!function)
    fail("the NVIDIA driver's {} lacks '{}': expected a driver for CUDA {} or "
         "newer; update the driver, or use --device cpu",
         libraryName, symbol, versionName(oldestVersion));
}

CudaLibrary::CudaLibrary() {
  // Never closed: the driver has threads of its own.
  void *library = ::dlopen(libraryName, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    fail("the NVIDIA driver cannot be loaded ({}): expected a machine with an "
         "NVIDIA GPU and its driver; install the driver, or use --device cpu",
         ::dlerror());

  // An old driver is told as such, rather than by what it lacks.
  CudaResult (*driverGetVersion)(int *) = nullptr;
  find(library, "cuDriverGetVersion", driverGetVersion);
  int version = 0;
  if (driverGetVersion(&version) != CUDA_SUCCESS || version < oldestVersion)
    fail("the NVIDIA driver is one for CUDA {}: expected {} or newer; update "
         "the driver, or use --device cpu",
         versionName(version), versionName(oldestVersion));

#define DALE_CUDA_FIND(member, symbol, parameters)                             \
  find(library, symbol, member);
  DALE_CUDA_FUNCTIONS(DALE_CUDA_FIND)
#undef DALE_CUDA_FIND

  CudaResult result = init(0);
  if (result == CUDA_ERROR_NO_DEVICE)
    fail("the NVIDIA driver finds no GPU: expected at least one; see what "
         "nvidia-smi and the environment variable CUDA_VISIBLE_DEVICES say, or "
         "use --device cpu");
  check(result, "starting the NVIDIA driver");
}

std::string CudaLibrary::describe(CudaResult result) const {
  const char *name = nullptr, *text = nullptr;
  if (getErrorName(result, &name) != CUDA_SUCCESS || !name)
    return fmt::format("error {}", result);
  if (getErrorString(result, &text) != CUDA_SUCCESS || !text)
    return name;
  return fmt::format("{} ({})", name, text);
}

void CudaLibrary::check(CudaResult result, const std::string &action) const {
  if (result != CUDA_SUCCESS)
    fail("{} failed: {}: expected the NVIDIA driver to do it; see what "
         "nvidia-smi says of the GPU, or use --device cpu",
         action, describe(result));
}
