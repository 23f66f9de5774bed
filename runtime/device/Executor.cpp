//===- Executor.cpp - Calls into generated code ---------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/Executor.h"

#include "runtime/device/Threads.h"
#include "runtime/train/Model.h"

using namespace dale::runtime;

BatchBuffers::BatchBuffers(const Circuit &circuit, int64_t batch)
    : batch(batch), bytes(Buffer::zeroed(batch * circuit.imageElements(),
                                         "a batch of images")),
      draws(Buffer::zeroed(batch * 3 * 4, "a batch of images")),
      images(Buffer::zeroed(circuit.realBytes(batch * circuit.imageElements()),
                            "a batch of images")),
      labels(Buffer::zeroed(batch * 4, "a batch of labels")),
      keys(Buffer::zeroed(batch * 4, "a batch of random numbers")),
      logits(Buffer::zeroed(circuit.realBytes(batch * circuit.classes),
                            "a batch of logits")) {}

Executor::Executor(const Circuit &circuit)
    : circuit(circuit), learningRateBuffer(Buffer::zeroed(circuit.realBytes(1),
                                                          "the learning rate")),
      lossBuffer(Buffer::zeroed(circuit.realBytes(2), "the losses")) {}

void Executor::reserve(const char *function, int64_t batch) {
  int64_t bytes =
      circuit.workspace.find(function)->second.bytes(batch, threadCount());
  if (!workspace.data() || workspace.size() < bytes)
    workspace = Buffer::uninitialized(bytes, "the workspace");
}

DaleBuffer Executor::workspaceFor(const char *function, int64_t batch) {
  reserve(function, batch);
  return workspace.view();
}

void Executor::prepare(BatchBuffers &buffers, int64_t batch) {
  DaleBuffer bytes = buffers.bytes.view(batch * circuit.imageElements());
  DaleBuffer draws = buffers.draws.view(batch * 3 * 4);
  DaleBuffer images =
      buffers.images.view(circuit.realBytes(batch * circuit.imageElements()));
  DaleBuffer space = workspaceFor("prepare", batch);
  _mlir_ciface_dale_prepare(&bytes, &draws, &images, batch, &space);
}

StepLosses Executor::trainStep(Model &model, BatchBuffers &buffers,
                               int64_t batch, double learningRate) {
  if (!gradientBuffer.data())
    gradientBuffer = Buffer::zeroed(
        circuit.realBytes(circuit.parameters.elements), "the gradients");
  storeReal(learningRateBuffer.data(), circuit.element, 0, learningRate);

  DaleBuffer parameters = model.parameters.view();
  DaleBuffer momenta = model.momenta.view();
  DaleBuffer averages = model.averages.view();
  DaleBuffer images =
      buffers.images.view(circuit.realBytes(batch * circuit.imageElements()));
  DaleBuffer labels = buffers.labels.view(batch * 4);
  DaleBuffer keys = buffers.keys.view(batch * 4);
  DaleBuffer rate = learningRateBuffer.view();
  DaleBuffer logits =
      buffers.logits.view(circuit.realBytes(batch * circuit.classes));
  DaleBuffer losses = lossBuffer.view();
  DaleBuffer gradients = gradientBuffer.view();
  DaleBuffer space = workspaceFor("train_step", batch);
  _mlir_ciface_dale_train_step(&parameters, &momenta, &averages, &images,
                               &labels, &keys, &rate, &logits, &losses,
                               &gradients, batch, &space);
  return {loadReal(lossBuffer.data(), circuit.element, 0),
          loadReal(lossBuffer.data(), circuit.element, 1)};
}

void Executor::evaluate(Model &model, BatchBuffers &buffers, int64_t batch) {
  DaleBuffer parameters = model.parameters.view();
  DaleBuffer averages = model.averages.view();
  DaleBuffer images =
      buffers.images.view(circuit.realBytes(batch * circuit.imageElements()));
  DaleBuffer logits =
      buffers.logits.view(circuit.realBytes(batch * circuit.classes));
  DaleBuffer space = workspaceFor("evaluate", batch);
  _mlir_ciface_dale_evaluate(&parameters, &averages, &images, &logits, batch,
                             &space);
}

void Executor::respond(Model &model, BatchBuffers &buffers, Buffer &responses,
                       int64_t batch) {
  int64_t elements = 0;
  for (const Response &response : circuit.responses)
    elements += batch * *elementsOf(response.shape);
  DaleBuffer parameters = model.parameters.view();
  DaleBuffer averages = model.averages.view();
  DaleBuffer images =
      buffers.images.view(circuit.realBytes(batch * circuit.imageElements()));
  DaleBuffer logits =
      buffers.logits.view(circuit.realBytes(batch * circuit.classes));
  DaleBuffer blocks = responses.view(circuit.realBytes(elements));
  DaleBuffer space = workspaceFor("respond", batch);
  _mlir_ciface_dale_respond(&parameters, &averages, &images, &logits, &blocks,
                            batch, &space);
}
