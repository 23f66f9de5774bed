//===- Device.cpp - Where a circuit runs ----------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Device.h"

#include "runtime/CircuitABI.h"
#include "runtime/Error.h"
#include "runtime/circuit/CpuFeatures.h"
#include "runtime/device/CpuExecutor.h"
#include "runtime/device/emulated/EmulatedDriver.h"
#include "runtime/device/gpu/CudaDriver.h"
#include "runtime/device/gpu/GpuExecutor.h"

using namespace dale::runtime;

DeviceName dale::runtime::readDeviceName(const std::string &text) {
  if (std::optional<DeviceName> name = parseDeviceName(text))
    return *name;
  failUsage("--device {}: expected {}", text, deviceNamesText);
}

static bool hasCudaCode(const Circuit &circuit) {
  return circuit.gpu && !circuit.gpu->images.empty();
}

static std::unique_ptr<Executor> openCpu(const Circuit &circuit) {
  checkThisCpu(circuit.targetCpu, circuit.targetFeatures);
  return std::make_unique<CpuExecutor>(circuit);
}

static std::unique_ptr<Executor> openCuda(const Circuit &circuit, int index) {
  if (!hasCudaCode(circuit))
    fail("--device cuda: this executable has no code for CUDA: expected auto "
         "or cpu; compile the circuit for a GPU, or leave --device out");
  if (!dale_gpu_code)
    fail("the object code linked into this executable lacks the GPU code that "
         "its description promises; compile the circuit again");
  return std::make_unique<GpuExecutor>(
      circuit, std::make_shared<CudaDriver>(circuit, index));
}

static std::unique_ptr<Executor> openEmulated(const Circuit &circuit) {
  if (!circuit.gpu || !circuit.gpu->emulated)
    fail("--device emulated: this executable has no code for the emulated GPU: "
         "expected auto or cpu; compile the circuit for it, or leave --device "
         "out");
  checkThisCpu(circuit.targetCpu, circuit.targetFeatures);
  return std::make_unique<GpuExecutor>(
      circuit, std::make_shared<EmulatedDriver>(circuit));
}

OpenDevice dale::runtime::openDevice(const DeviceName &name,
                                     const Circuit &circuit) {
  switch (name.kind) {
  case DeviceName::Kind::Cpu:
    return {openCpu(circuit), ""};
  case DeviceName::Kind::Cuda:
    return {openCuda(circuit, name.index.value_or(0)), ""};
  case DeviceName::Kind::Emulated:
    return {openEmulated(circuit), ""};
  case DeviceName::Kind::Auto:
    break;
  }
  if (!hasCudaCode(circuit))
    return {openCpu(circuit), ""};
  try {
    return {openCuda(circuit, 0), ""};
  } catch (const Error &error) {
    return {
        openCpu(circuit),
        fmt::format("on the CPU, since no GPU can be used: {}", error.what())};
  }
}
