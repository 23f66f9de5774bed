//===- GpuExecutor.h - Generated code on a GPU ---------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Keeps the models, the data set where there is room, and all that a step
/// works on in the GPU's memory; of each batch the picks, or else the raw
/// images, go up, logits and losses come back. Several networks are trained by
/// the same launches (CircuitABI.h, "Code for GPUs").
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_GPU_GPUEXECUTOR_H
#define DALE_RUNTIME_DEVICE_GPU_GPUEXECUTOR_H

#include "runtime/device/Executor.h"
#include "runtime/device/gpu/DeviceBuffer.h"
#include "runtime/device/gpu/DeviceParts.h"
#include "runtime/device/gpu/GpuDriver.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace dale::runtime {

class GpuExecutor final : public Executor {
public:
  /// Throws if the driver's device cannot run this circuit.
  GpuExecutor(const Circuit &circuit, std::shared_ptr<GpuDriver> driver);
  ~GpuExecutor() override;

  std::string device() const override { return driver->device(); }
  std::string description() const override { return driver->description(); }
  NetworkFit fitNetworks(int64_t wanted, int64_t batch) override;
  void setNetworks(int64_t count) override;
  int64_t networks() const override { return count; }
  Buffer hostBuffer(int64_t bytes, Purpose purpose) override;
  void reserve(std::string_view function, int64_t batch) override;
  bool makeResident(std::span<const uint8_t> images) override;
  void load(std::span<Model *const> models) override;
  void store(std::span<Model *const> models) override;
  void setImages(const std::byte *images, int64_t batch) override;
  void prepare(Batches &batches, int64_t batch) override;
  void trainStep(Batches &batches, int64_t batch, double learningRate) override;
  void evaluate(Batches &batches, int64_t batch) override;
  void respond(Batches &batches, Buffer &responses, int64_t batch) override;
  void fetch(std::span<Batches> steps, int mark) override;
  bool runsAhead() const override { return true; }
  void waitFor(int mark) override { driver->waitFor(mark); }
  void wait() override { driver->synchronize(); }
  const Buffer &gradients() override;
  double peakBytes() const override { return static_cast<double>(peak); }

protected:
  void reserveResults(int64_t bytes) override;

private:
  using BatchField = Buffer BatchBuffers::*;
  using ModelField = Buffer Model::*;

  /// Whether the device has as much memory free, and what the driver itself
  /// needs.
  bool hasRoomFor(int64_t bytes);
  DeviceParts allocate(int64_t bytes, Purpose purpose);
  /// Adds to the memory that is in use, or takes from it.
  void account(int64_t bytes);
  void grow(DeviceParts &buffer, int64_t bytes, Purpose purpose);
  /// The same for what is one for all networks.
  void grow(DeviceBuffer &buffer, int64_t bytes, Purpose purpose);
  /// A KernelBuffer of `bytes` a network in `buffer`, which grows if it is
  /// smaller.
  KernelBuffer use(DeviceParts &buffer, int64_t bytes, Purpose purpose);
  KernelBuffer useParameters();
  KernelBuffer useMomenta();
  KernelBuffer useAverages();
  /// What batches pick from: resident images, or else their own, sent there.
  KernelBuffer useRawImages(const Batches &batches, int64_t batch);
  KernelBuffer useImages(int64_t batch);
  /// In the places of the batches' buffers among the results.
  KernelBuffer useLosses(const Batches &batches);
  KernelBuffer useLogits(const Batches &batches, int64_t batch);
  KernelBuffer useGradients();
  KernelBuffer upload(DeviceParts &buffer, const Batches &batches,
                      BatchField field, int64_t bytes, const char *name);
  KernelBuffer useLearningRate(double rate);
  /// The buffers of a model, on the device and on the host.
  std::vector<std::pair<DeviceParts *, ModelField>> modelFields();
  void launch(std::string_view function, std::vector<KernelBuffer> buffers,
              int64_t batch);
  int64_t blocksOf(std::string_view function) const;
  int64_t workspaceBytes(std::string_view function, int64_t batch) const;

  std::shared_ptr<GpuDriver> driver;
  const GpuCode &code;
  /// How many blocks of each function can wait for each other.
  std::map<std::string, int64_t, std::less<>> residentBlocks;
  /// Of networks.
  int64_t count = 0;

  DeviceParts parameters, momenta, averages, gradientBuffer;
  DeviceParts picks, draws, images, labels, keys;
  DeviceParts responseBuffer, workspace, arrivals;
  /// \name One for all networks
  /// @{
  /// As those of the host that share their results lie, one slot after another,
  /// in each the networks.
  DeviceBuffer results;
  DeviceBuffer learningRate;
  /// By their place in the host's memory.
  std::map<const uint8_t *, DeviceBuffer> residents;
  /// Of batches that do not pick from those, network by network.
  DeviceBuffer bytes;
  /// @}
  /// Of the host.
  Buffer hostLearningRate, hostGradients;
  /// What the device has, if it has one.
  std::optional<double> sentLearningRate;
  int64_t allocated = 0, peak = 0;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_GPU_GPUEXECUTOR_H
