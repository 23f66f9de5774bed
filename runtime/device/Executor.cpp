//===- Executor.cpp - Calls into generated code ---------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Executor.h"

#include "runtime/Error.h"
#include "runtime/device/Parts.h"

#include <numeric>

using namespace dale::runtime;

BatchBuffers::BatchBuffers(const Circuit &circuit, int64_t batch,
                           const HostAllocator &allocate)
    : batch(batch),
      bytes(allocate(batch * circuit.imageElements(), "a batch of images")),
      picks(allocate(batch * 4, "a batch of images")),
      draws(allocate(batch * 3 * 4, "a batch of images")),
      labels(allocate(batch * 4, "a batch of labels")),
      keys(allocate(batch * 4, "a batch of random numbers")),
      logits(allocate(circuit.realBytes(batch * circuit.classes),
                      "a batch of logits")) {
  std::span<int32_t> all = picks.as<int32_t>();
  std::iota(all.begin(), all.end(), 0);
}

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
    // The device has their images behind each other.
    BatchBuffers &buffers = result.back();
    buffers.firstPick = static_cast<int32_t>(network * batch);
    std::span<int32_t> picks = buffers.picks.as<int32_t>();
    std::iota(picks.begin(), picks.end(), buffers.firstPick);
  }
  return result;
}

std::span<const uint8_t> Executor::rawImages(const BatchBuffers &buffers,
                                             int64_t batch) const {
  std::span<const uint8_t> images = buffers.resident;
  int64_t first = 0;
  if (images.empty()) {
    images = buffers.bytes.as<uint8_t>().first(
        static_cast<size_t>(batch * circuit.imageElements()));
    first = buffers.firstPick;
  }
  // Generated code reads where it is told to.
  int64_t count = static_cast<int64_t>(images.size()) / circuit.imageElements();
  for (int32_t pick :
       buffers.picks.as<int32_t>().first(static_cast<size_t>(batch)))
    if (pick < first || pick >= first + count)
      fail("a batch picks image {} of {}: expected {} to {}; this is an error "
           "in dale, please report it",
           pick, count, first, first + count - 1);
  return images;
}

int64_t Executor::responseElements() const {
  int64_t elements = 0;
  for (const Response &response : circuit.responses)
    elements += *elementsOf(response.shape);
  return elements;
}
