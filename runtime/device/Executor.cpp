//===- Executor.cpp - Calls into generated code ---------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Executor.h"

using namespace dale::runtime;

BatchBuffers::BatchBuffers(const Circuit &circuit, int64_t batch,
                           const HostAllocator &allocate)
    : batch(batch),
      bytes(allocate(batch * circuit.imageElements(), "a batch of images")),
      draws(allocate(batch * 3 * 4, "a batch of images")),
      labels(allocate(batch * 4, "a batch of labels")),
      keys(allocate(batch * 4, "a batch of random numbers")),
      logits(allocate(circuit.realBytes(batch * circuit.classes),
                      "a batch of logits")) {}

Executor::~Executor() = default;

BatchBuffers Executor::batchBuffers(int64_t batch) {
  return {circuit, batch, [this](int64_t bytes, std::string_view purpose) {
            return hostBuffer(bytes, purpose);
          }};
}

int64_t Executor::responseElements() const {
  int64_t elements = 0;
  for (const Response &response : circuit.responses)
    elements += *elementsOf(response.shape);
  return elements;
}
