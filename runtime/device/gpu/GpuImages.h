//===- GpuImages.h - Which code a GPU can run ----------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Chooses among the images of CircuitABI.h.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_GPU_GPUIMAGES_H
#define DALE_RUNTIME_DEVICE_GPU_GPUIMAGES_H

#include "runtime/circuit/Circuit.h"

#include <string>

namespace dale::runtime {

/// The best image for a compute capability (times ten): machine code of the
/// same generation and as new as possible, else PTX, which the driver
/// translates. Throws if there is none; `device` is for the message.
const GpuImage &chooseImage(const GpuCode &code, int capability,
                            const std::string &device);

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_GPU_GPUIMAGES_H
