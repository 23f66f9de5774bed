//===- CudaHeaderTest.cpp - Tests of CudaLibrary.h ------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// What CudaLibrary.h declares of the driver is what CUDA's own header says,
/// where that is installed.

#include <gtest/gtest.h>

#if __has_include(<cuda.h>)
#include "runtime/device/gpu/CudaLibrary.h"

#include <cuda.h>
#include <map>
#include <string>
#include <type_traits>

namespace runtime = dale::runtime;

namespace {

/// A type of CUDA's header as CudaLibrary.h has it: enumerations are numbers,
/// and structures that nobody sees have other names.
template <typename T, typename = void>
struct Ours : std::type_identity<T> {};
template <typename T>
struct Ours<T, std::enable_if_t<std::is_enum_v<T>>> {
  static_assert(sizeof(T) == sizeof(int));
  using type = int;
};
template <typename T>
struct Ours<T *> {
  using type = typename Ours<T>::type *;
};
template <>
struct Ours<CUcontext> : std::type_identity<runtime::CudaContext> {};
template <>
struct Ours<CUstream> : std::type_identity<runtime::CudaStream> {};
template <>
struct Ours<CUevent> : std::type_identity<runtime::CudaEvent> {};
template <>
struct Ours<CUmodule> : std::type_identity<runtime::CudaModule> {};
template <>
struct Ours<CUfunction> : std::type_identity<runtime::CudaFunction> {};
template <typename Result, typename... Parameters>
struct Ours<Result(Parameters...)> {
  using type = typename Ours<Result>::type(typename Ours<Parameters>::type...);
};

} // namespace

/// F(member, function of the header)
#define DALE_CUDA_HEADER(F)                                                    \
  F(init, cuInit)                                                              \
  F(getErrorName, cuGetErrorName)                                              \
  F(getErrorString, cuGetErrorString)                                          \
  F(deviceGetCount, cuDeviceGetCount)                                          \
  F(deviceGet, cuDeviceGet)                                                    \
  F(deviceGetName, cuDeviceGetName)                                            \
  F(deviceGetAttribute, cuDeviceGetAttribute)                                  \
  F(primaryCtxRetain, cuDevicePrimaryCtxRetain)                                \
  F(primaryCtxRelease, cuDevicePrimaryCtxRelease)                              \
  F(ctxSetCurrent, cuCtxSetCurrent)                                            \
  F(memGetInfo, cuMemGetInfo)                                                  \
  F(memAlloc, cuMemAlloc)                                                      \
  F(memFree, cuMemFree)                                                        \
  F(memHostAlloc, cuMemHostAlloc)                                              \
  F(memFreeHost, cuMemFreeHost)                                                \
  F(memcpyHtoDAsync, cuMemcpyHtoDAsync)                                        \
  F(memcpyDtoHAsync, cuMemcpyDtoHAsync)                                        \
  F(memsetD8Async, cuMemsetD8Async)                                            \
  F(streamCreate, cuStreamCreate)                                              \
  F(streamDestroy, cuStreamDestroy)                                            \
  F(streamSynchronize, cuStreamSynchronize)                                    \
  F(eventCreate, cuEventCreate)                                                \
  F(eventDestroy, cuEventDestroy)                                              \
  F(eventRecord, cuEventRecord)                                                \
  F(eventSynchronize, cuEventSynchronize)                                      \
  F(moduleLoadDataEx, cuModuleLoadDataEx)                                      \
  F(moduleUnload, cuModuleUnload)                                              \
  F(moduleGetFunction, cuModuleGetFunction)                                    \
  F(funcSetAttribute, cuFuncSetAttribute)                                      \
  F(occupancy, cuOccupancyMaxActiveBlocksPerMultiprocessor)                    \
  F(launchCooperativeKernel, cuLaunchCooperativeKernel)

#define DALE_CHECK_TYPE(member, function)                                      \
  static_assert(std::is_same_v<decltype(runtime::CudaLibrary::member),         \
                               Ours<decltype(&function)>::type>,               \
                "cuda.h has another " #member);
DALE_CUDA_HEADER(DALE_CHECK_TYPE)
#undef DALE_CHECK_TYPE

static_assert(std::is_same_v<Ours<CUresult>::type, runtime::CudaResult>);
static_assert(std::is_same_v<CUdevice, runtime::CudaDevice>);
static_assert(std::is_same_v<CUdeviceptr, runtime::CudaPointer>);

/// The header's names are macros of what the library exports.
#define DALE_TEXT_OF(text) #text
#define DALE_EXPANDED(text) DALE_TEXT_OF(text)

TEST(CudaHeader, SymbolsAreThoseOfTheNewestVersions) {
#define DALE_EXPECTED(member, function) {#member, DALE_EXPANDED(function)},
  std::map<std::string, std::string> expected = {
      DALE_CUDA_HEADER(DALE_EXPECTED)};
#define DALE_FOUND(member, symbol, parameters) {#member, symbol},
  std::map<std::string, std::string> found = {DALE_CUDA_FUNCTIONS(DALE_FOUND)};
  EXPECT_EQ(found, expected);
}

TEST(CudaHeader, NumbersAreTheSame) {
#define DALE_SAME(name) EXPECT_EQ(int(runtime::name), int(::name))
  DALE_SAME(CUDA_SUCCESS);
  DALE_SAME(CUDA_ERROR_OUT_OF_MEMORY);
  DALE_SAME(CUDA_ERROR_NO_DEVICE);
  DALE_SAME(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  DALE_SAME(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
  DALE_SAME(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  DALE_SAME(CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH);
  DALE_SAME(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
  DALE_SAME(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
  DALE_SAME(CU_JIT_ERROR_LOG_BUFFER);
  DALE_SAME(CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
  DALE_SAME(CU_STREAM_NON_BLOCKING);
  DALE_SAME(CU_EVENT_DISABLE_TIMING);
}

#else

TEST(CudaHeader, IsInstalled) { GTEST_SKIP() << "CUDA's header is not here"; }

#endif
