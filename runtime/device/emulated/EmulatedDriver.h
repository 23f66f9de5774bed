//===- EmulatedDriver.h - The emulated GPU as a device -------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Memory of the host stands in for the GPU's, and the emulator runs the
/// kernels' bodies. Environment variables choose how: DALE_EMULATED_BLOCKS (the
/// blocks that can be resident, 3 by default), DALE_EMULATED_ORDER (see
/// FiberOrder::parse), DALE_EMULATED_MEMORY (the GPU's, in bytes, 1 TiB by
/// default), and DALE_EMULATED_SHARED (of it what a block may have, in bytes,
/// an H100's 227 KiB by default).
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_EMULATED_EMULATEDDRIVER_H
#define DALE_RUNTIME_DEVICE_EMULATED_EMULATEDDRIVER_H

#include "runtime/circuit/Circuit.h"
#include "runtime/device/emulated/Emulator.h"
#include "runtime/device/gpu/GpuDriver.h"

#include <map>

namespace dale::runtime {

class EmulatedDriver final : public GpuDriver {
public:
  /// Throws if the executable has no emulated kernels.
  explicit EmulatedDriver(const Circuit &circuit);

  std::string device() const override { return "emulated"; }
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
  void mark(int) override {}
  void waitFor(int) override {}
  void synchronize() override {}

private:
  const GpuCode &code;
  int64_t blocks;
  int64_t mostShared;
  Emulator emulator;
  MemorySize size;
  std::map<DeviceAddress, Buffer> allocations;
  std::map<std::byte *, Buffer> hostAllocations;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_EMULATED_EMULATEDDRIVER_H
