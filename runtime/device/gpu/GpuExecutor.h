//===- GpuExecutor.h - Generated code on a GPU ---------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Keeps the model, the data set where there is room, and all that a step works
/// on in the GPU's memory; of each batch the picks, or else the raw images, go
/// up, logits and losses come back.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_GPU_GPUEXECUTOR_H
#define DALE_RUNTIME_DEVICE_GPU_GPUEXECUTOR_H

#include "runtime/device/Executor.h"
#include "runtime/device/gpu/DeviceBuffer.h"
#include "runtime/device/gpu/GpuDriver.h"

#include <map>
#include <memory>
#include <optional>

namespace dale::runtime {

class GpuExecutor final : public Executor {
public:
  /// Throws if the driver's device cannot run this circuit.
  GpuExecutor(const Circuit &circuit, std::shared_ptr<GpuDriver> driver);
  ~GpuExecutor() override;

  std::string device() const override { return driver->device(); }
  std::string description() const override { return driver->description(); }
  Buffer hostBuffer(int64_t bytes, std::string_view purpose) override;
  void reserve(std::string_view function, int64_t batch) override;
  bool makeResident(std::span<const uint8_t> images) override;
  void load(Model &model) override;
  void store(Model &model) override;
  void setImages(const std::byte *images, int64_t batch) override;
  void prepare(BatchBuffers &buffers, int64_t batch) override;
  void trainStep(BatchBuffers &buffers, int64_t batch,
                 double learningRate) override;
  void evaluate(BatchBuffers &buffers, int64_t batch) override;
  void respond(BatchBuffers &buffers, Buffer &responses,
               int64_t batch) override;
  void fetch(std::span<BatchBuffers> batches, int mark) override;
  bool runsAhead() const override { return true; }
  void waitFor(int mark) override { driver->waitFor(mark); }
  void wait() override { driver->synchronize(); }
  const Buffer &gradients() override;
  double peakBytes() const override { return static_cast<double>(peak); }

protected:
  void reserveResults(int64_t bytes) override;

private:
  DeviceBuffer allocate(int64_t bytes, std::string_view purpose);
  /// Adds to the memory that is in use.
  void countIn(const DeviceBuffer &buffer);
  void grow(DeviceBuffer &buffer, int64_t bytes, std::string_view purpose);
  /// A KernelBuffer of `bytes` in `buffer`, which grows if it is smaller.
  KernelBuffer use(DeviceBuffer &buffer, int64_t bytes, const char *name);
  /// What a batch picks from: resident images, or else its own, sent there.
  KernelBuffer useRawImages(const BatchBuffers &buffers, int64_t batch);
  KernelBuffer useImages(int64_t batch);
  /// In the place of the batch's buffers among the results.
  KernelBuffer useLosses(const BatchBuffers &buffers);
  KernelBuffer useLogits(const BatchBuffers &buffers, int64_t batch);
  KernelBuffer useGradients();
  KernelBuffer upload(DeviceBuffer &buffer, const Buffer &from, int64_t bytes,
                      const char *name);
  KernelBuffer useLearningRate(double rate);
  void launch(std::string_view function, std::vector<KernelBuffer> buffers,
              int64_t batch);
  int64_t workspaceBytes(std::string_view function, int64_t batch) const;

  std::shared_ptr<GpuDriver> driver;
  const GpuCode &code;
  /// Of each function's grid.
  std::map<std::string, int64_t, std::less<>> blocks;

  DeviceBuffer parameters, momenta, averages, gradientBuffer;
  /// By their place in the host's memory.
  std::map<const uint8_t *, DeviceBuffer> residents;
  DeviceBuffer bytes, picks, draws, images, labels, keys, learningRate;
  /// As those of the host that share their results lie, one slot after another.
  DeviceBuffer results;
  DeviceBuffer responseBuffer, workspace, arrivals;
  /// Of the host.
  Buffer hostLearningRate, hostGradients;
  /// What the device has, if it has one.
  std::optional<double> sentLearningRate;
  int64_t allocated = 0, peak = 0;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_GPU_GPUEXECUTOR_H
