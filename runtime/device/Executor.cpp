//===- Executor.cpp - Calls into generated code ---------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Executor.h"

#include "runtime/device/Parts.h"

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

NetworkFit Executor::fitNetworks(int64_t, int64_t) { return {}; }

Batches Executor::batchBuffers(int64_t batch) {
  // Each buffer is one allocation with a part for each network, as on the
  // device, so that one copy can take them all.
  std::vector<std::shared_ptr<Buffer>> whole;
  Batches result;
  for (int64_t network = 0; network < networks(); ++network) {
    size_t next = 0;
    result.emplace_back(
        circuit, batch, [&](int64_t bytes, std::string_view purpose) {
          if (network == 0)
            whole.push_back(std::make_shared<Buffer>(
                hostBuffer(networks() * partStride(bytes), purpose)));
          std::shared_ptr<Buffer> buffer = whole[next++];
          return Buffer::adopt(buffer->data() + network * partStride(bytes),
                               bytes, [buffer](std::byte *) {});
        });
  }
  return result;
}

int64_t Executor::responseElements() const {
  int64_t elements = 0;
  for (const Response &response : circuit.responses)
    elements += *elementsOf(response.shape);
  return elements;
}
