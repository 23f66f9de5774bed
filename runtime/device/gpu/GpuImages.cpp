//===- GpuImages.cpp - Which code a GPU can run ---------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/gpu/GpuImages.h"

#include "runtime/Error.h"

#include <fmt/ranges.h>

using namespace dale::runtime;

const GpuImage &dale::runtime::chooseImage(const GpuCode &code, int capability,
                                           const std::string &device) {
  const GpuImage *best = nullptr;
  for (const GpuImage &image : code.images) {
    bool machineCode = image.kind == GpuImage::Kind::Cubin;
    bool runs = image.arch <= capability &&
                (!machineCode || image.arch / 10 == capability / 10);
    if (!runs)
      continue;
    if (!best || (machineCode && best->kind == GpuImage::Kind::Ptx) ||
        (image.kind == best->kind && image.arch > best->arch))
      best = &image;
  }
  if (best)
    return *best;
  std::vector<std::string> images;
  for (const GpuImage &image : code.images)
    images.push_back(toString(image));
  fail("{} has compute capability {}.{}, but this executable has only {}: "
       "expected code of the same generation, or PTX, for this capability or "
       "less; compile the circuit for this GPU, or use --device cpu",
       device, capability / 10, capability % 10, fmt::join(images, ", "));
}
