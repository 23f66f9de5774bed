//===- Executor.h - Calls into generated code -------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The only place that calls a compiled circuit's functions. It owns their
/// workspace and passes buffers as descriptors of exactly the batch's size.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_EXECUTOR_H
#define DALE_RUNTIME_DEVICE_EXECUTOR_H

#include "runtime/circuit/Circuit.h"
#include "runtime/device/Buffer.h"

#include <cstdint>

namespace dale::runtime {

struct Model;

/// Buffers for the images of a batch and what a step makes of them.
struct BatchBuffers {
  BatchBuffers(const Circuit &circuit, int64_t batch);

  int64_t batch;
  Buffer bytes;  ///< u8 [N, H, W, C]
  Buffer draws;  ///< i32 [N, 3]
  Buffer images; ///< real [N, H, W, C]
  Buffer labels; ///< i32 [N]
  Buffer keys;   ///< u32 [N]
  Buffer logits; ///< real [N, classes]
};

/// What a training step says besides the logits.
struct StepLosses {
  /// Mean cross-entropy of the batch.
  double loss = 0;
  /// The same with the L2 term.
  double total = 0;
};

class Executor {
public:
  explicit Executor(const Circuit &circuit);

  /// Raw bytes and draws -> images.
  void prepare(BatchBuffers &buffers, int64_t batch);

  /// One step of training with images and labels; updates the model, writes
  /// the logits, and keeps the gradients.
  StepLosses trainStep(Model &model, BatchBuffers &buffers, int64_t batch,
                       double learningRate);

  /// Forward pass with moving averages; writes the logits.
  void evaluate(Model &model, BatchBuffers &buffers, int64_t batch);

  /// The same, and writes every population's responses, one block [N, h, w, C]
  /// after the other.
  void respond(Model &model, BatchBuffers &buffers, Buffer &responses,
               int64_t batch);

  /// Allocates what a function needs for batches up to `batch`, so that a
  /// machine with too little memory says so before the work begins.
  void reserve(const char *function, int64_t batch);

  /// Of the loss with the L2 term: real [P], of the last step.
  const Buffer &gradients() const { return gradientBuffer; }

private:
  DaleBuffer workspaceFor(const char *function, int64_t batch);

  const Circuit &circuit;
  Buffer workspace;
  Buffer learningRateBuffer;
  Buffer lossBuffer;
  Buffer gradientBuffer;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_EXECUTOR_H
