//===- CpuExecutor.h - Generated code on the CPU -------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Calls the functions of the object code. All is done when a call returns, and
/// the model is worked on where it lies.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_CPUEXECUTOR_H
#define DALE_RUNTIME_DEVICE_CPUEXECUTOR_H

#include "runtime/device/Executor.h"

namespace dale::runtime {

class CpuExecutor final : public Executor {
public:
  explicit CpuExecutor(const Circuit &circuit);

  std::string device() const override { return "cpu"; }
  std::string description() const override;
  /// One network takes all threads.
  void setNetworks(int64_t count) override;
  int64_t networks() const override { return 1; }
  Buffer hostBuffer(int64_t bytes, Purpose purpose) override;
  void reserve(std::string_view function, int64_t batch) override;
  /// They are read where they lie.
  bool makeResident(std::span<const uint8_t>) override { return true; }
  void load(std::span<Model *const> models) override;
  void store(std::span<Model *const> models) override;
  void setImages(const std::byte *images, int64_t batch) override;
  void prepare(Batches &batches, int64_t batch) override;
  void trainStep(Batches &batches, int64_t batch, double learningRate) override;
  void evaluate(Batches &batches, int64_t batch) override;
  void respond(Batches &batches, Buffer &responses, int64_t batch) override;
  void fetch(std::span<Batches>, int) override {}
  bool runsAhead() const override { return false; }
  void waitFor(int) override {}
  void wait() override {}
  const Buffer &gradients() override { return gradientBuffer; }
  double peakBytes() const override;

protected:
  void reserveResults(int64_t) override {}

private:
  DaleBuffer workspaceFor(std::string_view function, int64_t batch);
  DaleBuffer imagesOf(int64_t batch);

  Model *model = nullptr;
  Buffer workspace;
  Buffer imageBuffer;
  Buffer learningRateBuffer;
  Buffer gradientBuffer;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_CPUEXECUTOR_H
