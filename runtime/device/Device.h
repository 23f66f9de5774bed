//===- Device.h - Where a circuit runs ------------------------ -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Chooses and opens the device that --device names.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_DEVICE_H
#define DALE_RUNTIME_DEVICE_DEVICE_H

#include "runtime/CommandLineNames.h"
#include "runtime/device/Executor.h"

#include <memory>
#include <string>

namespace dale::runtime {

/// What the user asks for. Throws a usage error if `text` names no device.
DeviceName readDeviceName(const std::string &text);

struct OpenDevice {
  std::unique_ptr<Executor> executor;
  /// Why it is the CPU where a GPU might have been expected, or empty.
  std::string note;
};

/// Throws if the device is not there or cannot run this circuit; only "auto"
/// then takes the CPU.
OpenDevice openDevice(const DeviceName &name, const Circuit &circuit);

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_DEVICE_H
