//===- DeviceParts.cpp - Parts of a GPU's memory --------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/gpu/DeviceParts.h"

#include "runtime/device/Parts.h"

using namespace dale::runtime;

DeviceParts::DeviceParts(std::shared_ptr<GpuDriver> driver, int64_t networks,
                         int64_t bytes, Purpose purpose)
    : buffer(std::move(driver), sizeProduct(networks, partStride(bytes)),
             purpose),
      step(partStride(bytes)) {}

KernelBuffer DeviceParts::view(int64_t bytes, const char *name) const {
  return {name, buffer.address(), bytes, step};
}

void DeviceParts::upload(GpuDriver &driver,
                         const std::vector<const std::byte *> &from,
                         int64_t bytes) const {
  for (size_t i = 0; i < from.size(); ++i)
    driver.upload(address(i), from[i], bytes);
}

void DeviceParts::download(GpuDriver &driver,
                           const std::vector<std::byte *> &to,
                           int64_t bytes) const {
  for (size_t i = 0; i < to.size(); ++i)
    driver.download(to[i], address(i), bytes);
}

void DeviceParts::uploadAll(GpuDriver &driver, const std::byte *from,
                            int64_t bytes) const {
  driver.upload(address(0), from, extent(bytes));
}
