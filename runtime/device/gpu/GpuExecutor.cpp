//===- GpuExecutor.cpp - Generated code on a GPU --------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/gpu/GpuExecutor.h"

#include "runtime/train/Model.h"

#include <algorithm>
#include <cassert>
#include <cstring>

using namespace dale::runtime;

GpuExecutor::GpuExecutor(const Circuit &circuit,
                         std::shared_ptr<GpuDriver> theDriver)
    : Executor(circuit), driver(std::move(theDriver)), code(*circuit.gpu) {
  for (const auto &[function, size] : code.functions)
    blocks[function] = std::min(code.chunks, driver->residentBlocks(function));
  parameters = allocate(circuit.realBytes(circuit.parameters.elements),
                        "the parameters");
  momenta =
      allocate(circuit.realBytes(circuit.parameters.elements), "the momenta");
  averages = allocate(circuit.realBytes(circuit.averages.elements),
                      "the moving averages");
  learningRate = allocate(circuit.realBytes(1), "the learning rate");
  arrivals = allocate(4, "the count of blocks");
  hostLearningRate = hostBuffer(learningRate.size(), "the learning rate");
}

GpuExecutor::~GpuExecutor() = default;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Buffer GpuExecutor::hostBuffer(int64_t bytes, std::string_view purpose) {
  std::byte *memory =
      driver->allocateHost(std::max<int64_t>(bytes, 1), purpose);
  std::memset(memory, 0, static_cast<size_t>(bytes));
  return Buffer::adopt(memory, bytes, [driver = driver](std::byte *memory) {
    driver->releaseHost(memory);
  });
}

DeviceBuffer GpuExecutor::allocate(int64_t size, std::string_view purpose) {
  // Never empty: a kernel may take the address of an empty tensor.
  DeviceBuffer buffer(driver, std::max<int64_t>(size, 1), purpose);
  countIn(buffer);
  return buffer;
}

void GpuExecutor::countIn(const DeviceBuffer &buffer) {
  allocated += buffer.size();
  peak = std::max(peak, allocated);
}

void GpuExecutor::grow(DeviceBuffer &buffer, int64_t size,
                       std::string_view purpose) {
  if (buffer && buffer.size() >= size)
    return;
  if (buffer) {
    // Given back first: the old and the new might not have room together.
    driver->synchronize();
    allocated -= buffer.size();
    buffer = DeviceBuffer();
  }
  buffer = allocate(size, purpose);
}

KernelBuffer GpuExecutor::use(DeviceBuffer &buffer, int64_t size,
                              const char *name) {
  grow(buffer, size, name);
  return {name, buffer.address(), size};
}

KernelBuffer GpuExecutor::useImages(int64_t batch) {
  return use(images, circuit.realBytes(batch * circuit.imageElements()),
             "the images");
}

void GpuExecutor::reserveResults(int64_t bytes) {
  grow(results, bytes, "the results of batches");
}

KernelBuffer GpuExecutor::useLosses(const BatchBuffers &buffers) {
  int64_t place =
      buffers.slot * BatchBuffers::resultBytes(circuit, buffers.batch);
  return {"the losses", results.address() + static_cast<uint64_t>(place),
          circuit.realBytes(2), /*writtenFirst=*/true};
}

KernelBuffer GpuExecutor::useLogits(const BatchBuffers &buffers,
                                    int64_t batch) {
  int64_t place =
      buffers.slot * BatchBuffers::resultBytes(circuit, buffers.batch) +
      BatchBuffers::lossBytes(circuit);
  return {"the logits", results.address() + static_cast<uint64_t>(place),
          circuit.realBytes(batch * circuit.classes), /*writtenFirst=*/true};
}

KernelBuffer GpuExecutor::useGradients() {
  int64_t size = circuit.realBytes(circuit.parameters.elements);
  if (!gradientBuffer) {
    gradientBuffer = allocate(size, "the gradients");
    // What lies between the variables is zero.
    driver->clear(gradientBuffer.address(), size);
  }
  return use(gradientBuffer, size, "the gradients");
}

int64_t GpuExecutor::workspaceBytes(std::string_view function,
                                    int64_t batch) const {
  return code.functions.find(function)->second.bytes(
      batch, blocks.find(function)->second);
}

void GpuExecutor::reserve(std::string_view function, int64_t batch) {
  grow(workspace, workspaceBytes(function, batch), "the workspace");
  useImages(batch);
  if (function == "train_step")
    useGradients();
  if (function == "respond")
    use(responseBuffer, circuit.realBytes(batch * responseElements()),
        "the responses");
}

bool GpuExecutor::makeResident(std::span<const uint8_t> images) {
  if (residents.contains(images.data()))
    return true;
  // Not to the last byte: the driver itself needs some, for the kernels' stacks
  // and more.
  MemorySize size = driver->memory();
  auto bytes = static_cast<int64_t>(images.size());
  if (bytes > size.free - size.total / 16)
    return false;
  DeviceBuffer buffer =
      DeviceBuffer::tryAllocate(driver, bytes, "the data set");
  if (!buffer)
    return false;
  driver->upload(buffer.address(), images.data(), bytes);
  driver->synchronize();
  countIn(buffer);
  residents.emplace(images.data(), std::move(buffer));
  return true;
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

void GpuExecutor::load(Model &model) {
  for (auto [to, from] : {std::pair(&parameters, &model.parameters),
                          {&momenta, &model.momenta},
                          {&averages, &model.averages}})
    driver->upload(to->address(), from->data(), from->size());
  driver->synchronize();
}

void GpuExecutor::store(Model &model) {
  for (auto [from, to] : {std::pair(&parameters, &model.parameters),
                          {&momenta, &model.momenta},
                          {&averages, &model.averages}})
    driver->download(to->data(), from->address(), to->size());
  driver->synchronize();
}

void GpuExecutor::setImages(const std::byte *from, int64_t batch) {
  KernelBuffer to = useImages(batch);
  driver->upload(to.address, from, to.bytes);
  driver->synchronize();
}

KernelBuffer GpuExecutor::upload(DeviceBuffer &buffer, const Buffer &from,
                                 int64_t size, const char *name) {
  KernelBuffer view = use(buffer, size, name);
  driver->upload(view.address, from.data(), size);
  return view;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

void GpuExecutor::launch(std::string_view function,
                         std::vector<KernelBuffer> buffers, int64_t batch) {
  KernelLaunch call;
  call.function = function;
  call.blocks = blocks.find(function)->second;
  call.buffers = std::move(buffers);
  call.batch = batch;
  call.workspace =
      use(workspace, workspaceBytes(function, batch), "the workspace");
  call.workspace.writtenFirst = true;
  call.arrivals = use(arrivals, 4, "the count of blocks");
  driver->clear(call.arrivals.address, call.arrivals.bytes);
  driver->launch(call);
}

KernelBuffer GpuExecutor::useRawImages(const BatchBuffers &buffers,
                                       int64_t batch) {
  std::span<const uint8_t> images = rawImages(buffers, batch);
  auto size = static_cast<int64_t>(images.size());
  if (buffers.resident.empty())
    return upload(bytes, buffers.bytes, size, "the raw images");
  auto found = residents.find(images.data());
  assert(found != residents.end() && found->second.size() >= size &&
         "resident images have been made so");
  return use(found->second, size, "the data set");
}

void GpuExecutor::prepare(BatchBuffers &buffers, int64_t batch) {
  KernelBuffer raw = useRawImages(buffers, batch);
  KernelBuffer chosen = upload(picks, buffers.picks, batch * 4, "the picks");
  KernelBuffer corners =
      upload(draws, buffers.draws, batch * 3 * 4, "the draws");
  KernelBuffer out = useImages(batch);
  out.writtenFirst = true;
  launch("prepare", {raw, chosen, corners, out}, batch);
}

KernelBuffer GpuExecutor::useLearningRate(double rate) {
  if (sentLearningRate != rate) {
    // The rate of a step that is still to come must not change.
    wait();
    storeReal(hostLearningRate.data(), circuit.element, 0, rate);
    sentLearningRate = rate;
    return upload(learningRate, hostLearningRate, hostLearningRate.size(),
                  "the learning rate");
  }
  return use(learningRate, learningRate.size(), "the learning rate");
}

void GpuExecutor::trainStep(BatchBuffers &buffers, int64_t batch, double rate) {
  launch("train_step",
         {use(parameters, parameters.size(), "the parameters"),
          use(momenta, momenta.size(), "the momenta"),
          use(averages, averages.size(), "the moving averages"),
          useImages(batch),
          upload(labels, buffers.labels, batch * 4, "the labels"),
          upload(keys, buffers.keys, batch * 4, "the random numbers"),
          useLearningRate(rate), useLogits(buffers, batch), useLosses(buffers),
          useGradients()},
         batch);
}

void GpuExecutor::evaluate(BatchBuffers &buffers, int64_t batch) {
  launch("evaluate",
         {use(parameters, parameters.size(), "the parameters"),
          use(averages, averages.size(), "the moving averages"),
          useImages(batch), useLogits(buffers, batch)},
         batch);
}

void GpuExecutor::respond(BatchBuffers &buffers, Buffer &responses,
                          int64_t batch) {
  KernelBuffer responseView =
      use(responseBuffer, circuit.realBytes(batch * responseElements()),
          "the responses");
  responseView.writtenFirst = true;
  launch("respond",
         {use(parameters, parameters.size(), "the parameters"),
          use(averages, averages.size(), "the moving averages"),
          useImages(batch), useLogits(buffers, batch), responseView},
         batch);
  driver->download(responses.data(), responseView.address, responseView.bytes);
}

void GpuExecutor::fetch(std::span<BatchBuffers> batches, int mark) {
  BatchBuffers &first = batches.front();
  int64_t each = BatchBuffers::resultBytes(circuit, first.batch);
  driver->download(first.losses.data(), useLosses(first).address,
                   static_cast<int64_t>(batches.size()) * each);
  driver->mark(mark);
}

const Buffer &GpuExecutor::gradients() {
  KernelBuffer view = useGradients();
  if (!hostGradients.data())
    hostGradients = hostBuffer(view.bytes, "the gradients");
  driver->download(hostGradients.data(), view.address, view.bytes);
  driver->synchronize();
  return hostGradients;
}
