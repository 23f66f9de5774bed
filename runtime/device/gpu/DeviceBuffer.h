//===- DeviceBuffer.h - Memory of a GPU ----------------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Memory of a GPU that is given back when it is no longer used.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_GPU_DEVICEBUFFER_H
#define DALE_RUNTIME_DEVICE_GPU_DEVICEBUFFER_H

#include "runtime/device/gpu/GpuDriver.h"

#include <memory>
#include <optional>
#include <utility>

namespace dale::runtime {

class DeviceBuffer {
public:
  DeviceBuffer() = default;
  DeviceBuffer(std::shared_ptr<GpuDriver> driver, int64_t bytes,
               Purpose purpose)
      : driver(std::move(driver)),
        place(this->driver->allocate(bytes, purpose)), bytes(bytes) {}

  /// Empty if there is not enough memory.
  static DeviceBuffer tryAllocate(std::shared_ptr<GpuDriver> driver,
                                  int64_t bytes, Purpose purpose) {
    DeviceBuffer buffer;
    if (auto address = driver->tryAllocate(bytes, purpose)) {
      buffer.driver = std::move(driver);
      buffer.place = *address;
      buffer.bytes = bytes;
    }
    return buffer;
  }

  DeviceBuffer(DeviceBuffer &&other) noexcept { swap(other); }
  DeviceBuffer &operator=(DeviceBuffer &&other) noexcept {
    DeviceBuffer taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~DeviceBuffer() {
    if (driver)
      driver->release(place);
  }

  DeviceAddress address() const { return place; }
  int64_t size() const { return bytes; }
  explicit operator bool() const { return driver != nullptr; }

private:
  void swap(DeviceBuffer &other) noexcept {
    std::swap(driver, other.driver);
    std::swap(place, other.place);
    std::swap(bytes, other.bytes);
  }

  std::shared_ptr<GpuDriver> driver;
  DeviceAddress place = 0;
  int64_t bytes = 0;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_GPU_DEVICEBUFFER_H
