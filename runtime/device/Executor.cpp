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

static int64_t aligned(int64_t bytes) {
  return roundedUp(bytes, DALE_BUFFER_ALIGNMENT);
}

int64_t BatchBuffers::lossBytes(const Circuit &circuit) {
  return aligned(circuit.realBytes(2));
}

int64_t BatchBuffers::resultBytes(const Circuit &circuit, int64_t batch) {
  return sizeSum(lossBytes(circuit),
                 aligned(circuit.realBytes(batch * circuit.classes)));
}

std::shared_ptr<Buffer>
BatchBuffers::allocateResults(const Circuit &circuit, int64_t batch,
                              int64_t slots, const HostAllocator &allocate) {
  return std::make_shared<Buffer>(
      allocate(sizeProduct(slots, resultBytes(circuit, batch)),
               "the results of batches"));
}

BatchBuffers::BatchBuffers(const Circuit &circuit, int64_t batch,
                           const HostAllocator &allocate, bool gathered,
                           const std::shared_ptr<Buffer> &results, int64_t slot)
    : batch(batch), slot(slot),
      bytes(allocate(gathered ? batch * circuit.imageElements() : 0,
                     "a batch of images")),
      picks(allocate(batch * 4, "a batch of images")),
      draws(allocate(batch * 3 * 4, "a batch of images")),
      labels(allocate(batch * 4, "a batch of labels")),
      keys(allocate(batch * 4, "a batch of random numbers")) {
  std::span<int32_t> all = picks.as<int32_t>();
  std::iota(all.begin(), all.end(), 0);
  std::byte *own = results->data() + slot * resultBytes(circuit, batch);
  // The last of them gives all results back.
  auto part = [&](std::byte *begin, int64_t bytes) {
    return Buffer::adopt(begin, bytes, [results](std::byte *) {});
  };
  losses = part(own, circuit.realBytes(2));
  logits = part(own + lossBytes(circuit),
                circuit.realBytes(batch * circuit.classes));
}

namespace {

/// Allocates the buffers of networks that are side by side: each is one buffer
/// with a part for each network, as on the device, so that one copy can take
/// them all.
class PartAllocator {
public:
  PartAllocator(HostAllocator allocate, int64_t networks)
      : allocate(std::move(allocate)), networks(networks) {}

  /// Each network, from the first on, must ask for the same buffers.
  HostAllocator forNetwork(int64_t network) {
    next = 0;
    return [this, network](int64_t bytes, Purpose purpose) {
      int64_t stride = partStride(bytes);
      if (network == 0)
        whole.push_back(std::make_shared<Buffer>(
            allocate(sizeProduct(networks, stride), purpose)));
      // The last of the parts gives it back.
      std::shared_ptr<Buffer> buffer = whole[next++];
      return Buffer::adopt(buffer->data() + network * stride, bytes,
                           [buffer](std::byte *) {});
    };
  }

private:
  HostAllocator allocate;
  int64_t networks;
  std::vector<std::shared_ptr<Buffer>> whole;
  size_t next = 0;
};

} // namespace

Executor::~Executor() = default;

NetworkFit Executor::fitNetworks(int64_t, int64_t) { return {}; }

Batches Executor::batchBuffers(int64_t batch) {
  return std::move(batchRing(batch, 1, /*gathered=*/true).front());
}

std::vector<Batches> Executor::batchRing(int64_t batch, int64_t slots,
                                         bool gathered) {
  auto allocate = [this](int64_t bytes, Purpose purpose) {
    return hostBuffer(bytes, purpose);
  };
  int64_t all = slots * networks();
  reserveResults(sizeProduct(all, BatchBuffers::resultBytes(circuit, batch)));
  auto results = BatchBuffers::allocateResults(circuit, batch, all, allocate);
  std::vector<Batches> ring;
  for (int64_t slot = 0; slot < slots; ++slot) {
    PartAllocator parts(allocate, networks());
    Batches &step = ring.emplace_back();
    for (int64_t network = 0; network < networks(); ++network) {
      BatchBuffers &buffers =
          step.emplace_back(circuit, batch, parts.forNetwork(network), gathered,
                            results, slot * networks() + network);
      // The device has their images behind each other.
      buffers.firstPick = static_cast<int32_t>(network * batch);
      std::span<int32_t> picks = buffers.picks.as<int32_t>();
      std::iota(picks.begin(), picks.end(), buffers.firstPick);
    }
  }
  return ring;
}

void Executor::finish(Batches &batches) {
  fetch({&batches, 1}, 0);
  wait();
}

StepLosses Executor::losses(const BatchBuffers &buffers) const {
  return {loadReal(buffers.losses.data(), circuit.element, 0),
          loadReal(buffers.losses.data(), circuit.element, 1)};
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
