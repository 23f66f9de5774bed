//===- DeviceParts.h - Parts of a GPU's memory ---------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Memory of a GPU with a part for each of the networks that it works on.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_GPU_DEVICEPARTS_H
#define DALE_RUNTIME_DEVICE_GPU_DEVICEPARTS_H

#include "runtime/device/gpu/DeviceBuffer.h"

#include <cstddef>
#include <vector>

namespace dale::runtime {

class DeviceParts {
public:
  DeviceParts() = default;
  /// `bytes` for each network.
  DeviceParts(std::shared_ptr<GpuDriver> driver, int64_t networks,
              int64_t bytes, Purpose purpose);

  /// Of all parts together.
  int64_t size() const { return buffer.size(); }
  /// From one part to the next: what a part has room for.
  int64_t stride() const { return step; }
  explicit operator bool() const { return static_cast<bool>(buffer); }

  /// The first `bytes` of each part, as a kernel is given them.
  KernelBuffer view(int64_t bytes, const char *name) const;

  /// \name Copies of `bytes` from or to a place of the host for each part
  /// @{
  void upload(GpuDriver &driver, const std::vector<const std::byte *> &from,
              int64_t bytes) const;
  void download(GpuDriver &driver, const std::vector<std::byte *> &to,
                int64_t bytes) const;
  /// @}

  /// upload() in one copy, where the host's parts begin at `from` and are as
  /// far apart as the device's. What lies between two parts is copied too.
  void uploadAll(GpuDriver &driver, const std::byte *from, int64_t bytes) const;

  /// Sets all parts to 0.
  void clear(GpuDriver &driver) const { driver.clear(address(0), size()); }

private:
  DeviceAddress address(size_t part) const {
    return buffer.address() + part * static_cast<DeviceAddress>(step);
  }
  /// From the first part's beginning to the last one's end.
  int64_t extent(int64_t bytes) const { return size() - step + bytes; }

  DeviceBuffer buffer;
  int64_t step = 0;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_GPU_DEVICEPARTS_H
