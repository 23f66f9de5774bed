//===- CudaDriver.cpp - NVIDIA GPUs ---------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/gpu/CudaDriver.h"

#include "runtime/CircuitABI.h"
#include "runtime/Error.h"
#include "runtime/device/Buffer.h"
#include "runtime/device/gpu/GpuImages.h"

#include <array>
#include <cstring>

using namespace dale::runtime;

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

CudaDriver::CudaDriver(const Circuit &circuit, int index)
    : code(*circuit.gpu), index(index) {
  openDevice();
  try {
    cuda.check(cuda.ctxSetCurrent(context), "choosing " + description());
    cuda.check(cuda.streamCreate(&stream, CU_STREAM_NON_BLOCKING),
               "opening a queue of " + description());
    for (CudaEvent &mark : marks)
      cuda.check(cuda.eventCreate(&mark, CU_EVENT_DISABLE_TIMING),
                 "making a mark for the queue of " + description());
    loadCode();
  } catch (...) {
    // The destructor of what is not complete is not called.
    cuda.primaryCtxRelease(handle);
    throw;
  }
}

CudaDriver::~CudaDriver() {
  // After an error all of these fail too, and nothing is lost by that.
  for (CudaEvent mark : marks)
    cuda.eventDestroy(mark);
  cuda.streamDestroy(stream);
  cuda.moduleUnload(module);
  cuda.primaryCtxRelease(handle);
}

void CudaDriver::openDevice() {
  int count = 0;
  cuda.check(cuda.deviceGetCount(&count), "counting the GPUs");
  if (index >= count)
    fail("--device cuda:{}: the NVIDIA driver finds {} GPU{}: expected {}; see "
         "what nvidia-smi and the environment variable CUDA_VISIBLE_DEVICES "
         "say",
         index, count, count == 1 ? "" : "s",
         count == 0   ? "at least one"
         : count == 1 ? "cuda:0"
                      : fmt::format("cuda:0 to cuda:{}", count - 1));
  cuda.check(cuda.deviceGet(&handle, index), "opening " + device());
  std::array<char, 256> text{};
  cuda.check(cuda.deviceGetName(text.data(), text.size() - 1, handle),
             "asking for the name of " + device());
  name = text.data();
  if (!attribute(CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH))
    fail("{} cannot launch kernels whose blocks wait for each other: expected "
         "a GPU with cooperative launch; use another GPU, or --device cpu",
         description());
  cuda.check(cuda.primaryCtxRetain(&context, handle),
             "opening " + description());
}

int CudaDriver::attribute(int number) const {
  int value = 0;
  cuda.check(cuda.deviceGetAttribute(&value, number, handle),
             fmt::format("asking {} for its attribute {}", device(), number));
  return value;
}

std::string CudaDriver::device() const { return fmt::format("cuda:{}", index); }

std::string CudaDriver::description() const {
  return fmt::format("{} ({})", name, device());
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

void CudaDriver::loadCode() {
  int capability =
      10 * attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) +
      attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  const GpuImage &image = chooseImage(code, capability, description());
  // Aligned, and closed by a NUL, which PTX needs.
  Buffer text = Buffer::zeroed(image.size + 1, "the GPU's code");
  std::memcpy(text.data(), dale_gpu_code + image.offset,
              static_cast<size_t>(image.size));

  std::array<char, 8192> log{};
  std::array<int, 2> names = {CU_JIT_ERROR_LOG_BUFFER,
                              CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  // The driver takes numbers as pointers.
  std::array<void *, 2> values = {
      log.data(), reinterpret_cast<void *>(uintptr_t(log.size() - 1))};
  CudaResult result = cuda.moduleLoadDataEx(&module, text.data(), names.size(),
                                            names.data(), values.data());
  if (result != CUDA_SUCCESS)
    fail("{} does not take the {}: {}{}{}; update the driver, compile the "
         "circuit again for this GPU, or use --device cpu",
         description(), toString(image), cuda.describe(result),
         log[0] ? ": " : "", log.data());
}

const CudaDriver::Function &CudaDriver::functionOf(std::string_view function) {
  auto found = functions.find(function);
  if (found != functions.end())
    return found->second;
  std::string kernel = fmt::format("dale_{}", function);
  CudaFunction handle = nullptr;
  cuda.check(
      cuda.moduleGetFunction(&handle, module, kernel.c_str()),
      fmt::format("finding '{}' in the code for {}", kernel, description()));
  int most = attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
  int shared = static_cast<int>(
      code.functions.find(function)->second.sharedWithin(most));
  if (shared > most)
    fail("'{}' needs {} of shared memory a block, but {} has {}: expected at "
         "least as much; compile the circuit for this GPU, or use --device cpu",
         kernel, formatBytes(shared), description(), formatBytes(most));
  cuda.check(
      cuda.funcSetAttribute(
          handle, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared),
      fmt::format("giving {} of shared memory to '{}'", formatBytes(shared),
                  kernel));
  return functions.emplace(function, Function{handle, shared}).first->second;
}

int64_t CudaDriver::residentBlocks(std::string_view function) {
  auto [handle, shared] = functionOf(function);
  int each = 0;
  cuda.check(cuda.occupancy(&each, handle, static_cast<int>(code.block),
                            static_cast<size_t>(shared)),
             fmt::format("asking {} how many blocks it takes", description()));
  if (each < 1)
    fail("{} has no room for one block of 'dale_{}' ({} threads, {} of shared "
         "memory): expected one at least; compile the circuit for this GPU, or "
         "use --device cpu",
         description(), function, code.block,
         formatBytes(static_cast<double>(shared)));
  return int64_t(each) * attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

MemorySize CudaDriver::memory() {
  size_t free = 0, total = 0;
  cuda.check(cuda.memGetInfo(&free, &total),
             "asking " + description() + " for its free memory");
  return {static_cast<int64_t>(free), static_cast<int64_t>(total)};
}

std::optional<DeviceAddress> CudaDriver::tryAllocate(int64_t bytes,
                                                     Purpose purpose) {
  CudaPointer pointer = 0;
  CudaResult result = cuda.memAlloc(&pointer, static_cast<size_t>(bytes));
  if (result == CUDA_ERROR_OUT_OF_MEMORY)
    return std::nullopt;
  cuda.check(result, fmt::format("allocating {} on {} for {}",
                                 formatBytes(static_cast<double>(bytes)),
                                 description(), purpose.name));
  return pointer;
}

// Where an error has come between, what has been begun may still use memory
// that is given back.

void CudaDriver::release(DeviceAddress address) noexcept {
  cuda.streamSynchronize(stream);
  cuda.memFree(address);
}

std::byte *CudaDriver::allocateHost(int64_t bytes, Purpose purpose) {
  void *pointer = nullptr;
  CudaResult result =
      cuda.memHostAlloc(&pointer, static_cast<size_t>(bytes), 0);
  if (result == CUDA_ERROR_OUT_OF_MEMORY)
    fail("not enough memory that {} can reach for {}: {} are needed; {}",
         description(), purpose.name, formatBytes(static_cast<double>(bytes)),
         purpose.mend);
  cuda.check(result, fmt::format("allocating {} for {}",
                                 formatBytes(static_cast<double>(bytes)),
                                 purpose.name));
  return static_cast<std::byte *>(pointer);
}

void CudaDriver::releaseHost(std::byte *memory) noexcept {
  cuda.streamSynchronize(stream);
  cuda.memFreeHost(memory);
}

//===----------------------------------------------------------------------===//
// The queue
//===----------------------------------------------------------------------===//

/// Of what begins or waits for work. A kernel that fails is told by whichever
/// of these comes next.
void CudaDriver::checkQueue(CudaResult result, const char *action) const {
  if (result == CUDA_SUCCESS)
    return;
  if (running.empty())
    cuda.check(result, fmt::format("{} {}", action, description()));
  fail("{} failed in or before '{}': {}; the run can be resumed from its last "
       "checkpoint. If it fails again, check the circuit with --device "
       "emulated, and the GPU with nvidia-smi",
       description(), running, cuda.describe(result));
}

void CudaDriver::upload(DeviceAddress to, const void *from, int64_t bytes) {
  if (bytes > 0)
    checkQueue(
        cuda.memcpyHtoDAsync(to, from, static_cast<size_t>(bytes), stream),
        "copying to");
}

void CudaDriver::download(void *to, DeviceAddress from, int64_t bytes) {
  if (bytes > 0)
    checkQueue(
        cuda.memcpyDtoHAsync(to, from, static_cast<size_t>(bytes), stream),
        "copying from");
}

void CudaDriver::clear(DeviceAddress address, int64_t bytes) {
  if (bytes > 0)
    checkQueue(
        cuda.memsetD8Async(address, 0, static_cast<size_t>(bytes), stream),
        "clearing memory of");
}

void CudaDriver::launch(const KernelLaunch &launch) {
  // Every parameter is eight bytes; the list points at each.
  std::vector<uint64_t> values;
  auto add = [&](const KernelBuffer &buffer) {
    values.insert(values.end(), {buffer.address, buffer.address, 0,
                                 static_cast<uint64_t>(buffer.partSize()), 1});
  };
  for (const KernelBuffer &buffer : launch.buffers)
    add(buffer);
  values.push_back(static_cast<uint64_t>(launch.batch));
  add(launch.workspace);
  add(launch.arrivals);
  std::vector<void *> parameters;
  for (uint64_t &value : values)
    parameters.push_back(&value);

  std::string kernel = fmt::format("dale_{}", launch.function);
  auto [handle, shared] = functionOf(launch.function);
  checkQueue(cuda.launchCooperativeKernel(
                 handle, static_cast<unsigned>(launch.blocks),
                 static_cast<unsigned>(launch.replicas), 1,
                 static_cast<unsigned>(code.block), 1, 1,
                 static_cast<unsigned>(shared), stream, parameters.data()),
             fmt::format("starting '{}' on", kernel).c_str());
  running = kernel;
}

void CudaDriver::mark(int number) {
  checkQueue(cuda.eventRecord(marks.at(number), stream),
             "marking the queue of");
}

void CudaDriver::waitFor(int number) {
  checkQueue(cuda.eventSynchronize(marks.at(number)), "waiting for");
}

void CudaDriver::synchronize() {
  checkQueue(cuda.streamSynchronize(stream), "waiting for");
  running.clear();
}
