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

BatchBuffers Executor::batchBuffers(int64_t batch) {
  return {circuit, batch, [this](int64_t bytes, std::string_view purpose) {
            return hostBuffer(bytes, purpose);
          }};
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
