//===- Executor.h - Calls into generated code ----------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The only way to a compiled circuit's functions, on the CPU or a GPU. An
/// executor owns what they work on besides a batch's buffers: workspace,
/// images, gradients, and on a GPU the models.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_EXECUTOR_H
#define DALE_RUNTIME_DEVICE_EXECUTOR_H

#include "runtime/circuit/Circuit.h"
#include "runtime/device/Buffer.h"

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime {

struct Model;

/// Allocates zeroed memory of the host that a device can copy from and to.
using HostAllocator = std::function<Buffer(int64_t, std::string_view)>;

/// What the host says of one network's batch, and what it hears of it.
struct BatchBuffers {
  BatchBuffers(const Circuit &circuit, int64_t batch,
               const HostAllocator &allocate = Buffer::zeroed);

  int64_t batch;
  /// Resident images (Executor::makeResident), u8 [M, H, W, C], which `picks`
  /// choose from; where this is empty, they choose from `bytes`.
  std::span<const uint8_t> resident;
  Buffer bytes; ///< u8 [N, H, W, C]
  /// The pick that stands for the first image of `bytes`: 0, unless networks
  /// are side by side.
  int32_t firstPick = 0;
  /// i32 [N]: each less than M, or one of the N from `firstPick` on, which they
  /// are at first.
  Buffer picks;
  Buffer draws;  ///< i32 [N, 3]
  Buffer labels; ///< i32 [N]
  Buffer keys;   ///< u32 [N]
  Buffer logits; ///< real [N, classes]
};

/// One for each network that is trained.
using Batches = std::vector<BatchBuffers>;

/// How many networks can be trained side by side.
struct NetworkFit {
  int64_t networks = 1;
  /// Why no more: "not enough memory on ...". Empty where all that were wanted
  /// fit, and on devices that train one after the other.
  std::string limit;
};

/// The entry points that training calls.
inline constexpr std::array<std::string_view, 3> trainingFunctions = {
    "prepare", "train_step", "evaluate"};

/// What a training step says besides the logits.
struct StepLosses {
  /// Mean cross-entropy of the batch.
  double loss = 0;
  /// The same with the L2 term.
  double total = 0;
};

class Executor {
public:
  explicit Executor(const Circuit &circuit) : circuit(circuit) {}
  virtual ~Executor();
  Executor(const Executor &) = delete;
  Executor &operator=(const Executor &) = delete;

  /// As the option --device names it: "cpu", "cuda:0", "emulated".
  virtual std::string device() const = 0;

  /// For readers: "2 threads", "NVIDIA H100 (cuda:0)".
  virtual std::string description() const = 0;

  /// \name Several networks side by side
  ///
  /// Everything below is about `networks()` of them: 1 at first. They have
  /// batches of one size and one learning rate, and each computes bit for bit
  /// what it would alone. Where a call takes one thing for each network, all
  /// are in the same order.
  /// @{

  /// How many of `wanted` networks can be trained side by side with batches of
  /// `batch`.
  virtual NetworkFit fitNetworks(int64_t wanted, int64_t batch);

  /// Forgets what was loaded. More than fitNetworks() says may fail.
  virtual void setNetworks(int64_t count) = 0;
  virtual int64_t networks() const = 0;
  /// @}

  /// Buffers for batches up to `batch`, of each network. They must not outlive
  /// the executor.
  Batches batchBuffers(int64_t batch);
  virtual Buffer hostBuffer(int64_t bytes, std::string_view purpose) = 0;

  /// Allocates what a function needs for batches up to `batch`, so that a
  /// machine with too little memory says so before the work begins.
  virtual void reserve(std::string_view function, int64_t batch) = 0;

  /// Takes a set of raw images, u8 [M, H, W, C], to where prepare() reads them,
  /// for all networks, so that a batch only has to pick. They must stay where
  /// they are, and as they are, for as long as the executor lives. False if the
  /// device has no room for them: reserve() what else is needed before.
  virtual bool makeResident(std::span<const uint8_t> images) = 0;

  /// Works with these models from now on. What they become by training is in
  /// them only after store().
  virtual void load(std::span<Model *const> models) = 0;

  /// Brings the loaded models' values back, into the same models.
  virtual void store(std::span<Model *const> models) = 0;

  /// Takes standardized images, real [N, H, W, C], as they are, for every
  /// network.
  virtual void setImages(const std::byte *images, int64_t batch) = 0;

  /// \name Work that may still be going on when these return
  ///
  /// The batches' buffers must then be left alone until wait().
  /// @{

  /// Raw bytes, picks and draws -> the executor's images. Throws if a pick is
  /// none of the images there are. Either all batches pick from the same
  /// resident images, or each from its own.
  virtual void prepare(Batches &batches, int64_t batch) = 0;

  /// One step of training with these images and labels; updates the models,
  /// writes the logits and losses, and keeps the gradients.
  virtual void trainStep(Batches &batches, int64_t batch,
                         double learningRate) = 0;

  /// Forward pass with moving averages; writes the logits.
  virtual void evaluate(Batches &batches, int64_t batch) = 0;

  /// The same of a single network, and writes every population's responses, one
  /// block [N, h, w, C] after the other.
  virtual void respond(Batches &batches, Buffer &responses, int64_t batch) = 0;
  /// @}

  /// Until all of it is done.
  virtual void wait() = 0;

  /// Of a network's last step, once it is done.
  virtual StepLosses losses(int64_t network = 0) const = 0;

  /// Of the loss with the L2 term: real [P], of the first network's last step.
  virtual const Buffer &gradients() = 0;

  /// The most memory that the device has had to give, in bytes.
  virtual double peakBytes() const = 0;

protected:
  /// What the picks of a batch choose from. Throws if one chooses another.
  std::span<const uint8_t> rawImages(const BatchBuffers &buffers,
                                     int64_t batch) const;

  /// Values of all responses to one image.
  int64_t responseElements() const;

  const Circuit &circuit;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_EXECUTOR_H
