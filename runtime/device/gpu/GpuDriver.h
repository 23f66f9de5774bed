//===- GpuDriver.h - What a GPU is asked to do ---------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A GPU as the executor sees it: memory, copies and launches in one queue. The
/// CUDA driver is one, the emulated GPU another.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_GPU_GPUDRIVER_H
#define DALE_RUNTIME_DEVICE_GPU_GPUDRIVER_H

#include "runtime/Error.h"
#include "runtime/device/Buffer.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime {

/// A place in the device's memory, which the host cannot follow.
using DeviceAddress = uint64_t;

/// The device has too little memory.
class OutOfDeviceMemory : public Error {
public:
  using Error::Error;
};

/// A buffer that a kernel is given: a part for each replica, or one for all.
struct KernelBuffer {
  /// For messages: "the parameters".
  const char *name = "";
  DeviceAddress address = 0;
  /// What a replica uses, in bytes.
  int64_t bytes = 0;
  /// From one replica's part to the next; 0: there is one for all, which they
  /// only read.
  int64_t stride = 0;
  /// The kernel reads only what it has written itself.
  bool writtenFirst = false;

  /// As the kernel is told it: with that it finds its part.
  int64_t partSize() const { return stride > 0 ? stride : bytes; }
};

/// One call of an entry point.
struct KernelLaunch {
  /// "train_step"
  std::string_view function;
  /// Networks that it works on side by side.
  int64_t replicas = 1;
  /// Of each.
  int64_t blocks = 1;
  /// Those before the batch's size, in the interface's order.
  std::vector<KernelBuffer> buffers;
  int64_t batch = 0;
  KernelBuffer workspace;
  KernelBuffer arrivals;
};

/// In bytes.
struct MemorySize {
  int64_t free = 0, total = 0;
};

class GpuDriver {
public:
  virtual ~GpuDriver();

  /// As the option --device names it: "cuda:0", "emulated".
  virtual std::string device() const = 0;
  /// For readers: "NVIDIA H100 (cuda:0)".
  virtual std::string description() const = 0;

  /// How many blocks of a function can wait for each other. Throws if there is
  /// no code of it for this device, or not one block fits.
  virtual int64_t residentBlocks(std::string_view function) = 0;

  /// \name Memory; `purpose` is for the message where something fails
  /// @{
  virtual MemorySize memory() = 0;
  /// Throws an OutOfDeviceMemory if there is not enough.
  DeviceAddress allocate(int64_t bytes, Purpose purpose);
  /// Nothing if there is not enough.
  virtual std::optional<DeviceAddress> tryAllocate(int64_t bytes,
                                                   Purpose purpose) = 0;
  virtual void release(DeviceAddress address) noexcept = 0;
  /// Of the host, such that copies need not wait.
  virtual std::byte *allocateHost(int64_t bytes, Purpose purpose) = 0;
  virtual void releaseHost(std::byte *memory) noexcept = 0;
  /// @}

  /// \name The queue: what is begun here is done in this order
  ///
  /// Memory of the host must stay as it is until it is done.
  /// @{
  virtual void upload(DeviceAddress to, const void *from, int64_t bytes) = 0;
  virtual void download(void *to, DeviceAddress from, int64_t bytes) = 0;
  virtual void clear(DeviceAddress address, int64_t bytes) = 0;
  virtual void launch(const KernelLaunch &launch) = 0;
  /// Marks this place in the queue; mark 0 or 1 then is no longer elsewhere.
  virtual void mark(int number) = 0;
  /// @}

  /// Until all that is before a mark is done. Throws if anything has failed.
  virtual void waitFor(int number) = 0;

  /// Until all is done. Throws if anything has failed.
  virtual void synchronize() = 0;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_GPU_GPUDRIVER_H
