//===- Executor.cpp - Calls into generated code ---------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Executor.h"

#include "runtime/Error.h"

#include <numeric>

using namespace dale::runtime;

static int64_t aligned(int64_t bytes) {
  constexpr int64_t alignment = DALE_BUFFER_ALIGNMENT;
  return (bytes + alignment - 1) / alignment * alignment;
}

int64_t BatchBuffers::lossBytes(const Circuit &circuit) {
  return aligned(circuit.realBytes(2));
}

int64_t BatchBuffers::resultBytes(const Circuit &circuit, int64_t batch) {
  return lossBytes(circuit) +
         aligned(circuit.realBytes(batch * circuit.classes));
}

std::shared_ptr<Buffer>
BatchBuffers::allocateResults(const Circuit &circuit, int64_t batch,
                              int64_t slots, const HostAllocator &allocate) {
  return std::make_shared<Buffer>(
      allocate(slots * resultBytes(circuit, batch), "the results of batches"));
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

Executor::~Executor() = default;

BatchBuffers Executor::batchBuffers(int64_t batch) {
  return std::move(batchRing(batch, 1, /*gathered=*/true).front());
}

std::vector<BatchBuffers> Executor::batchRing(int64_t batch, int64_t slots,
                                              bool gathered) {
  auto allocate = [this](int64_t bytes, std::string_view purpose) {
    return hostBuffer(bytes, purpose);
  };
  reserveResults(slots * BatchBuffers::resultBytes(circuit, batch));
  auto results = BatchBuffers::allocateResults(circuit, batch, slots, allocate);
  std::vector<BatchBuffers> ring;
  for (int64_t slot = 0; slot < slots; ++slot)
    ring.emplace_back(circuit, batch, allocate, gathered, results, slot);
  return ring;
}

void Executor::finish(BatchBuffers &buffers) {
  fetch({&buffers, 1}, 0);
  wait();
}

StepLosses Executor::losses(const BatchBuffers &buffers) const {
  return {loadReal(buffers.losses.data(), circuit.element, 0),
          loadReal(buffers.losses.data(), circuit.element, 1)};
}

std::span<const uint8_t> Executor::rawImages(const BatchBuffers &buffers,
                                             int64_t batch) const {
  std::span<const uint8_t> images = buffers.resident;
  if (images.empty())
    images = buffers.bytes.as<uint8_t>().first(
        static_cast<size_t>(batch * circuit.imageElements()));
  // Generated code reads where it is told to.
  int64_t count = static_cast<int64_t>(images.size()) / circuit.imageElements();
  for (int32_t pick :
       buffers.picks.as<int32_t>().first(static_cast<size_t>(batch)))
    if (pick < 0 || pick >= count)
      fail(
          "a batch picks image {} of {}: expected 0 to {}; this is an error in "
          "dale, please report it",
          pick, count, count - 1);
  return images;
}

int64_t Executor::responseElements() const {
  int64_t elements = 0;
  for (const Response &response : circuit.responses)
    elements += *elementsOf(response.shape);
  return elements;
}
