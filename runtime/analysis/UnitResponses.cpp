//===- UnitResponses.cpp - What the units of a network do -----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/analysis/UnitResponses.h"

#include "runtime/Error.h"
#include "runtime/analysis/Gratings.h"
#include "runtime/data/Batches.h"
#include "runtime/train/Checkpoint.h"
#include "runtime/train/Metrics.h"

#include <algorithm>
#include <cmath>

using namespace dale::runtime;

int64_t dale::runtime::unitsOf(const Circuit &circuit,
                               const Population &population) {
  return circuit.responses[population.response].shape.back();
}

UnitResponses::UnitResponses(const Circuit &circuit, Executor &executor,
                             int64_t batch)
    : circuit(circuit), executor(executor), batch(batch),
      batches(executor.batchBuffers(batch)),
      responses(executor.hostBuffer(
          circuit.realBytes(batch * circuit.responseElements()),
          "the responses")),
      places(circuit.responses.size(), -1) {
  for (const Area &area : circuit.areas)
    for (const Population &population : area.populations) {
      places[population.response] = units;
      units += unitsOf(circuit, population);
    }
  for (const char *function : {"prepare", "respond"})
    executor.reserve(function, batch);
}

bool UnitResponses::toGratings(const TakeBlock &take) {
  Buffer images = Buffer::uninitialized(
      circuit.realBytes(batch * circuit.imageElements()), "the gratings");
  for (int64_t first = 0; first < Grating::count; first += batch) {
    int64_t count = std::min(batch, Grating::count - first);
    showGratings(circuit, first, count, images.data());
    executor.setImages(images.data(), count);
    if (!take(collect(first, count)))
      return false;
  }
  return true;
}

bool UnitResponses::toImages(const ImageSet &set, const TakeBlock &take) {
  for (int64_t first = 0; first < set.count(); first += batch) {
    int64_t count = std::min(batch, set.count() - first);
    fillInOrder(set, first, count, circuit.training.pad, batches.front());
    executor.prepare(batches, count);
    UnitBlock block = collect(first, count);
    std::span<const int32_t> labels = batches.front().labels.as<int32_t>();
    block.labels.assign(labels.begin(), labels.begin() + count);
    block.answers = answers(batches.front().logits, circuit.element, count,
                            circuit.classes);
    if (!take(block))
      return false;
  }
  return true;
}

UnitBlock UnitResponses::collect(int64_t first, int64_t count) {
  executor.respond(batches, responses, count);
  executor.finish(batches);
  UnitBlock block{first, count, units, {}};
  block.values.resize(static_cast<size_t>(count * units));
  const std::byte *maps = responses.data();
  for (size_t i = 0; i < circuit.responses.size(); ++i) {
    const Response &response = circuit.responses[i];
    int64_t height = response.shape[0], width = response.shape[1],
            channels = response.shape[2];
    int64_t size = height * width * channels,
            centre = (height / 2 * width + width / 2) * channels;
    for (int64_t n = 0; places[i] >= 0 && n < count; ++n)
      for (int64_t c = 0; c < channels; ++c) {
        double value = loadReal(maps, circuit.element, n * size + centre + c);
        if (!std::isfinite(value))
          throw NotFinite(fmt::format(
              "unit {} of '{}' responds with {}: expected a finite number; "
              "analyze a checkpoint whose loss was finite",
              c, response.name, value));
        block.values[n * units + places[i] + c] = value;
      }
    maps += circuit.realBytes(count * size);
  }
  return block;
}
