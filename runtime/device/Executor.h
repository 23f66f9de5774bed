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
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime {

struct Model;

/// Allocates zeroed memory of the host that a device can copy from and to.
using HostAllocator = std::function<Buffer(int64_t, Purpose)>;

/// What the host says of one network's batch, and what it hears of it. A
/// batch's results, losses and logits, lie one after the other, and those of
/// batches whose buffers were made together too (Executor::batchRing).
struct BatchBuffers {
  /// Without `gathered` there is no place for bytes: all images are resident.
  BatchBuffers(const Circuit &circuit, int64_t batch,
               const HostAllocator &allocate = Buffer::zeroed,
               bool gathered = true)
      : BatchBuffers(circuit, batch, allocate, gathered,
                     allocateResults(circuit, batch, 1, allocate), 0) {}

  /// Those of place `slot` among buffers that share `results`.
  BatchBuffers(const Circuit &circuit, int64_t batch,
               const HostAllocator &allocate, bool gathered,
               const std::shared_ptr<Buffer> &results, int64_t slot);

  /// For the results of so many batches.
  static std::shared_ptr<Buffer> allocateResults(const Circuit &circuit,
                                                 int64_t batch, int64_t slots,
                                                 const HostAllocator &allocate);
  static int64_t lossBytes(const Circuit &circuit);
  /// Of all results of a batch, the losses first.
  static int64_t resultBytes(const Circuit &circuit, int64_t batch);

  int64_t batch;
  int64_t slot;
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
  Buffer losses; ///< real [2]
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
  /// Buffers for `slots` steps that may be under way at once; `gathered` as in
  /// BatchBuffers. Whoever makes others must not have these under way.
  std::vector<Batches> batchRing(int64_t batch, int64_t slots, bool gathered);
  virtual Buffer hostBuffer(int64_t bytes, Purpose purpose) = 0;

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
  /// The batches' buffers must then be left alone until it is done, and the
  /// losses and logits are in them after that, and fetch().
  /// @{

  /// Raw bytes, picks and draws -> the executor's images. Throws if a pick is
  /// none of the images there are. Either all batches pick from the same
  /// resident images, or each from its own.
  virtual void prepare(Batches &batches, int64_t batch) = 0;

  /// One step of training with these images and labels; updates the models,
  /// gives the logits and losses, and keeps the gradients.
  virtual void trainStep(Batches &batches, int64_t batch,
                         double learningRate) = 0;

  /// Forward pass with moving averages; gives the logits.
  virtual void evaluate(Batches &batches, int64_t batch) = 0;

  /// The same of a single network, and writes every population's responses, one
  /// block [N, h, w, C] after the other.
  virtual void respond(Batches &batches, Buffer &responses, int64_t batch) = 0;

  /// Brings the results of steps that stand in a row of a ring, and marks the
  /// place up to which work has been begun: mark 0 or 1.
  virtual void fetch(std::span<Batches> steps, int mark) = 0;
  /// @}

  /// Whether work may go on at all when these return.
  virtual bool runsAhead() const = 0;

  /// Until all is done that was begun before a mark.
  virtual void waitFor(int mark) = 0;

  /// Until all of it is done.
  virtual void wait() = 0;

  /// Fetches the results of a step and waits for all.
  void finish(Batches &batches);

  /// Of a training step, once they have been fetched.
  StepLosses losses(const BatchBuffers &buffers) const;

  /// Of the loss with the L2 term: real [P], of the first network's last step.
  virtual const Buffer &gradients() = 0;

  /// The most memory that the device has had to give, in bytes.
  virtual double peakBytes() const = 0;

protected:
  /// Makes room for the results of a ring's batches, so many bytes.
  virtual void reserveResults(int64_t bytes) = 0;

  /// What the picks of a batch choose from. Throws if one chooses another.
  std::span<const uint8_t> rawImages(const BatchBuffers &buffers,
                                     int64_t batch) const;

  const Circuit &circuit;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_EXECUTOR_H
