//===- GpuDriver.cpp - What an executor needs of a GPU --------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/gpu/GpuDriver.h"

#include "runtime/device/Buffer.h"

using namespace dale::runtime;

GpuDriver::~GpuDriver() = default;

DeviceAddress GpuDriver::allocate(int64_t bytes, Purpose purpose) {
  if (auto address = tryAllocate(bytes, purpose))
    return *address;
  MemorySize size = memory();
  throw OutOfDeviceMemory(fmt::format(
      "not enough memory on {} for {}: {} are needed, {} of {} are free; "
      "{}, or end what else runs there",
      description(), purpose.name, formatBytes(static_cast<double>(bytes)),
      formatBytes(static_cast<double>(size.free)),
      formatBytes(static_cast<double>(size.total)), purpose.mend));
}
