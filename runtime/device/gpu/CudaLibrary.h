//===- CudaLibrary.h - The CUDA driver, loaded at run time ---- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions of libcuda.so.1 that dale uses, declared here: executables run
/// where there is no driver, and building them takes no CUDA toolkit.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_GPU_CUDALIBRARY_H
#define DALE_RUNTIME_DEVICE_GPU_CUDALIBRARY_H

#include <cstddef>
#include <string>

namespace dale::runtime {

/// \name Types and numbers of the CUDA driver's interface (cuda.h)
/// @{
using CudaResult = int;
using CudaDevice = int;
using CudaContext = struct CudaContextTag *;
using CudaStream = struct CudaStreamTag *;
using CudaEvent = struct CudaEventTag *;
using CudaModule = struct CudaModuleTag *;
using CudaFunction = struct CudaFunctionTag *;
using CudaPointer = unsigned long long;

enum : CudaResult {
  CUDA_SUCCESS = 0,
  CUDA_ERROR_OUT_OF_MEMORY = 2,
  CUDA_ERROR_NO_DEVICE = 100,
};
enum : int {
  CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
  CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH = 95,
  CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,
};
enum : int { CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8 };
enum : int {
  CU_JIT_ERROR_LOG_BUFFER = 5,
  CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6,
};
enum : unsigned { CU_STREAM_NON_BLOCKING = 1 };
enum : unsigned { CU_EVENT_DISABLE_TIMING = 2 };
/// @}

/// F(member, symbol, parameters)
#define DALE_CUDA_FUNCTIONS(F)                                                 \
  F(init, "cuInit", (unsigned flags))                                          \
  F(getErrorName, "cuGetErrorName", (CudaResult result, const char **text))    \
  F(getErrorString, "cuGetErrorString",                                        \
    (CudaResult result, const char **text))                                    \
  F(deviceGetCount, "cuDeviceGetCount", (int *count))                          \
  F(deviceGet, "cuDeviceGet", (CudaDevice * device, int ordinal))              \
  F(deviceGetName, "cuDeviceGetName",                                          \
    (char *name, int length, CudaDevice device))                               \
  F(deviceGetAttribute, "cuDeviceGetAttribute",                                \
    (int *value, int attribute, CudaDevice device))                            \
  F(primaryCtxRetain, "cuDevicePrimaryCtxRetain",                              \
    (CudaContext * context, CudaDevice device))                                \
  F(primaryCtxRelease, "cuDevicePrimaryCtxRelease_v2", (CudaDevice device))    \
  F(ctxSetCurrent, "cuCtxSetCurrent", (CudaContext context))                   \
  F(memGetInfo, "cuMemGetInfo_v2", (size_t * free, size_t * total))            \
  F(memAlloc, "cuMemAlloc_v2", (CudaPointer * pointer, size_t bytes))          \
  F(memFree, "cuMemFree_v2", (CudaPointer pointer))                            \
  F(memHostAlloc, "cuMemHostAlloc",                                            \
    (void **pointer, size_t bytes, unsigned flags))                            \
  F(memFreeHost, "cuMemFreeHost", (void *pointer))                             \
  F(memcpyHtoDAsync, "cuMemcpyHtoDAsync_v2",                                   \
    (CudaPointer to, const void *from, size_t bytes, CudaStream stream))       \
  F(memcpyDtoHAsync, "cuMemcpyDtoHAsync_v2",                                   \
    (void *to, CudaPointer from, size_t bytes, CudaStream stream))             \
  F(memsetD8Async, "cuMemsetD8Async",                                          \
    (CudaPointer to, unsigned char value, size_t bytes, CudaStream stream))    \
  F(streamCreate, "cuStreamCreate", (CudaStream * stream, unsigned flags))     \
  F(streamDestroy, "cuStreamDestroy_v2", (CudaStream stream))                  \
  F(streamSynchronize, "cuStreamSynchronize", (CudaStream stream))             \
  F(eventCreate, "cuEventCreate", (CudaEvent * event, unsigned flags))         \
  F(eventDestroy, "cuEventDestroy_v2", (CudaEvent event))                      \
  F(eventRecord, "cuEventRecord", (CudaEvent event, CudaStream stream))        \
  F(eventSynchronize, "cuEventSynchronize", (CudaEvent event))                 \
  F(moduleLoadDataEx, "cuModuleLoadDataEx",                                    \
    (CudaModule * module, const void *image, unsigned options, int *names,     \
     void **values))                                                           \
  F(moduleUnload, "cuModuleUnload", (CudaModule module))                       \
  F(moduleGetFunction, "cuModuleGetFunction",                                  \
    (CudaFunction * function, CudaModule module, const char *name))            \
  F(funcSetAttribute, "cuFuncSetAttribute",                                    \
    (CudaFunction function, int attribute, int value))                         \
  F(occupancy, "cuOccupancyMaxActiveBlocksPerMultiprocessor",                  \
    (int *blocks, CudaFunction function, int threads, size_t shared))          \
  F(launchCooperativeKernel, "cuLaunchCooperativeKernel",                      \
    (CudaFunction function, unsigned gridX, unsigned gridY, unsigned gridZ,    \
     unsigned blockX, unsigned blockY, unsigned blockZ, unsigned shared,       \
     CudaStream stream, void **parameters))

class CudaLibrary {
public:
  /// Loads the library and initializes the driver. Throws if there is none, it
  /// is too old, or it sees no GPU.
  CudaLibrary();

  /// "CUDA_ERROR_LAUNCH_FAILED (unspecified launch failure)"
  std::string describe(CudaResult result) const;

  /// Throws unless a call succeeded. `action` is what it was for: "starting
  /// dale_train_step".
  void check(CudaResult result, const std::string &action) const;

#define DALE_CUDA_MEMBER(member, symbol, parameters)                           \
  CudaResult(*member) parameters = nullptr;
  DALE_CUDA_FUNCTIONS(DALE_CUDA_MEMBER)
#undef DALE_CUDA_MEMBER
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_GPU_CUDALIBRARY_H
