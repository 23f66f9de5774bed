//===- CpuExecutor.cpp - Generated code on the CPU ------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/CpuExecutor.h"

#include "runtime/Error.h"
#include "runtime/device/Model.h"
#include "runtime/device/Threads.h"

#include <cassert>
#include <cstring>
#include <sys/resource.h>

using namespace dale::runtime;

CpuExecutor::CpuExecutor(const Circuit &circuit)
    : Executor(circuit), learningRateBuffer(Buffer::zeroed(
                             circuit.realBytes(1), "the learning rate")) {}

std::string CpuExecutor::description() const {
  int threads = threadCount();
  return fmt::format("{} thread{}", threads, threads == 1 ? "" : "s");
}

Buffer CpuExecutor::hostBuffer(int64_t bytes, Purpose purpose) {
  return Buffer::zeroed(bytes, purpose);
}

void CpuExecutor::reserve(std::string_view function, int64_t batch) {
  int64_t bytes =
      circuit.workspace.find(function)->second.bytes(batch, threadCount());
  if (!workspace.data() || workspace.size() < bytes)
    workspace = Buffer::uninitialized(bytes, "the workspace");
  imagesOf(batch);
}

DaleBuffer CpuExecutor::workspaceFor(std::string_view function, int64_t batch) {
  reserve(function, batch);
  return workspace.view();
}

DaleBuffer CpuExecutor::imagesOf(int64_t batch) {
  int64_t bytes = circuit.realBytes(batch * circuit.imageElements());
  if (!imageBuffer.data() || imageBuffer.size() < bytes)
    imageBuffer = Buffer::zeroed(bytes, "a batch of images");
  return imageBuffer.view(bytes);
}

void CpuExecutor::setNetworks([[maybe_unused]] int64_t count) {
  assert(count == 1 && "a CPU trains one network after the other");
  model = nullptr;
}

void CpuExecutor::load(std::span<Model *const> models) {
  model = models.front();
}

void CpuExecutor::store([[maybe_unused]] std::span<Model *const> models) {
  assert(models.front() == model && "only the loaded model can be stored");
}

void CpuExecutor::setImages(const std::byte *images, int64_t batch) {
  DaleBuffer view = imagesOf(batch);
  std::memcpy(view.aligned, images, static_cast<size_t>(view.size));
}

void CpuExecutor::prepare(Batches &batches, int64_t batch) {
  BatchBuffers &buffers = batches.front();
  std::span<const uint8_t> raw = rawImages(buffers, batch);
  // Only read, though the interface cannot say so.
  auto *data = const_cast<uint8_t *>(raw.data());
  DaleBuffer bytes = {data, data, 0, static_cast<int64_t>(raw.size()), 1};
  DaleBuffer picks = buffers.picks.view(batch * 4);
  DaleBuffer draws = buffers.draws.view(batch * 3 * 4);
  DaleBuffer images = imagesOf(batch);
  DaleBuffer space = workspaceFor("prepare", batch);
  _mlir_ciface_dale_prepare(&bytes, &picks, &draws, &images, batch, &space);
}

void CpuExecutor::trainStep(Batches &batches, int64_t batch,
                            double learningRate) {
  BatchBuffers &buffers = batches.front();
  if (!gradientBuffer.data())
    gradientBuffer =
        Buffer::zeroed(circuit.realBytes(circuit.parameters.elements),
                       Purpose::ofNetwork("the gradients"));
  storeReal(learningRateBuffer.data(), circuit.element, 0, learningRate);

  DaleBuffer parameters = model->parameters.view();
  DaleBuffer momenta = model->momenta.view();
  DaleBuffer averages = model->averages.view();
  DaleBuffer images = imagesOf(batch);
  DaleBuffer labels = buffers.labels.view(batch * 4);
  DaleBuffer keys = buffers.keys.view(batch * 4);
  DaleBuffer rate = learningRateBuffer.view();
  DaleBuffer logits =
      buffers.logits.view(circuit.realBytes(batch * circuit.classes));
  DaleBuffer losses = buffers.losses.view();
  DaleBuffer gradients = gradientBuffer.view();
  DaleBuffer space = workspaceFor("train_step", batch);
  _mlir_ciface_dale_train_step(&parameters, &momenta, &averages, &images,
                               &labels, &keys, &rate, &logits, &losses,
                               &gradients, batch, &space);
}

void CpuExecutor::evaluate(Batches &batches, int64_t batch) {
  BatchBuffers &buffers = batches.front();
  DaleBuffer parameters = model->parameters.view();
  DaleBuffer averages = model->averages.view();
  DaleBuffer images = imagesOf(batch);
  DaleBuffer logits =
      buffers.logits.view(circuit.realBytes(batch * circuit.classes));
  DaleBuffer space = workspaceFor("evaluate", batch);
  _mlir_ciface_dale_evaluate(&parameters, &averages, &images, &logits, batch,
                             &space);
}

void CpuExecutor::respond(Batches &batches, Buffer &responses, int64_t batch) {
  BatchBuffers &buffers = batches.front();
  DaleBuffer parameters = model->parameters.view();
  DaleBuffer averages = model->averages.view();
  DaleBuffer images = imagesOf(batch);
  DaleBuffer logits =
      buffers.logits.view(circuit.realBytes(batch * circuit.classes));
  DaleBuffer blocks =
      responses.view(circuit.realBytes(batch * circuit.responseElements()));
  DaleBuffer space = workspaceFor("respond", batch);
  _mlir_ciface_dale_respond(&parameters, &averages, &images, &logits, &blocks,
                            batch, &space);
}

/// Of this process.
double CpuExecutor::peakBytes() const {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}
