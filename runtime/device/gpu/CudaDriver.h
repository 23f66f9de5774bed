//===- CudaDriver.h - NVIDIA GPUs ----------------------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One NVIDIA GPU, through the CUDA driver.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_GPU_CUDADRIVER_H
#define DALE_RUNTIME_DEVICE_GPU_CUDADRIVER_H

#include "runtime/circuit/Circuit.h"
#include "runtime/device/gpu/CudaLibrary.h"
#include "runtime/device/gpu/GpuDriver.h"

#include <array>
#include <map>

namespace dale::runtime {

class CudaDriver final : public GpuDriver {
public:
  /// Opens a GPU and loads the code for it. Throws if there is no such GPU or
  /// it cannot run the circuit.
  CudaDriver(const Circuit &circuit, int index);
  ~CudaDriver() override;

  std::string device() const override;
  std::string description() const override;
  int64_t residentBlocks(std::string_view function) override;
  MemorySize memory() override;
  std::optional<DeviceAddress> tryAllocate(int64_t bytes,
                                           Purpose purpose) override;
  void release(DeviceAddress address) noexcept override;
  std::byte *allocateHost(int64_t bytes, Purpose purpose) override;
  void releaseHost(std::byte *memory) noexcept override;
  void upload(DeviceAddress to, const void *from, int64_t bytes) override;
  void download(void *to, DeviceAddress from, int64_t bytes) override;
  void clear(DeviceAddress address, int64_t bytes) override;
  void launch(const KernelLaunch &launch) override;
  void mark(int number) override;
  void waitFor(int number) override;
  void synchronize() override;

private:
  void openDevice();
  int attribute(int number) const;
  void loadCode();
  void checkQueue(CudaResult result, const char *action) const;
  struct Function {
    CudaFunction handle;
    /// Bytes of shared memory that its blocks get.
    int64_t shared;
  };
  const Function &functionOf(std::string_view function);

  CudaLibrary cuda;
  const GpuCode &code;
  int index;
  std::string name;
  CudaDevice handle = 0;
  CudaContext context = nullptr;
  CudaStream stream = nullptr;
  std::array<CudaEvent, 2> marks = {};
  CudaModule module = nullptr;
  std::map<std::string, Function, std::less<>> functions;
  /// What has been launched since the last synchronize().
  std::string running;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_GPU_CUDADRIVER_H
