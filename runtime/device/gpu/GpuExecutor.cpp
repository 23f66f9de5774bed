//===- GpuExecutor.cpp - Generated code on a GPU --------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/gpu/GpuExecutor.h"

#include "runtime/device/Model.h"
#include "runtime/device/Parts.h"

#include <algorithm>
#include <cassert>
#include <cstring>

using namespace dale::runtime;

GpuExecutor::GpuExecutor(const Circuit &circuit,
                         std::shared_ptr<GpuDriver> theDriver)
    : Executor(circuit), driver(std::move(theDriver)), code(*circuit.gpu) {
  for (const auto &[function, size] : code.functions)
    residentBlocks[function] = driver->residentBlocks(function);
  learningRate =
      DeviceBuffer(driver, circuit.realBytes(1), "the learning rate");
  account(learningRate.size());
  hostLearningRate = hostBuffer(learningRate.size(), "the learning rate");
  setNetworks(1);
}

GpuExecutor::~GpuExecutor() = default;

//===----------------------------------------------------------------------===//
// Networks
//===----------------------------------------------------------------------===//

NetworkFit GpuExecutor::fitNetworks(int64_t wanted, int64_t batch) {
  NetworkFit fit;
  int64_t most = wanted;
  for (std::string_view function : trainingFunctions) {
    // All blocks of all networks wait for each other.
    int64_t resident = residentBlocks.find(function)->second;
    if (resident >= most)
      continue;
    most = resident;
    fit.limit = fmt::format("{} has room for {} blocks of 'dale_{}' at once",
                            description(), resident, function);
  }
  // The only way to know what fits is to try it. Whether one does is told by
  // whoever reserves memory for it.
  int64_t tooMany = most + 1;
  for (int64_t next = most; fit.networks + 1 < tooMany;
       next = (fit.networks + tooMany) / 2) {
    try {
      setNetworks(next);
      for (std::string_view function : trainingFunctions)
        reserve(function, batch);
      if (!hasRoomFor(0))
        throw OutOfDeviceMemory(fmt::format(
            "{} would be left with less memory than its driver needs",
            description()));
      fit.networks = next;
    } catch (const OutOfDeviceMemory &error) {
      tooMany = next;
      fit.limit = error.what();
    }
  }
  setNetworks(fit.networks);
  return fit;
}

void GpuExecutor::setNetworks(int64_t newCount) {
  if (newCount == count)
    return;
  driver->synchronize();
  for (DeviceParts *buffer :
       {&parameters, &momenta, &averages, &gradientBuffer, &picks, &draws,
        &images, &labels, &keys, &responseBuffer, &workspace, &arrivals}) {
    account(-buffer->size());
    *buffer = DeviceParts();
  }
  account(-bytes.size());
  bytes = DeviceBuffer();
  count = newCount;
  useParameters();
  useMomenta();
  useAverages();
}

/// Of each network.
int64_t GpuExecutor::blocksOf(std::string_view function) const {
  int64_t resident = residentBlocks.find(function)->second;
  return std::clamp<int64_t>(resident / count, 1, code.chunks);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Buffer GpuExecutor::hostBuffer(int64_t bytes, Purpose purpose) {
  std::byte *memory =
      driver->allocateHost(std::max<int64_t>(bytes, 1), purpose);
  std::memset(memory, 0, static_cast<size_t>(bytes));
  return Buffer::adopt(memory, bytes, [driver = driver](std::byte *memory) {
    driver->releaseHost(memory);
  });
}

DeviceParts GpuExecutor::allocate(int64_t size, Purpose purpose) {
  DeviceParts buffer(driver, count, size, purpose);
  account(buffer.size());
  return buffer;
}

void GpuExecutor::account(int64_t size) {
  allocated += size;
  peak = std::max(peak, allocated);
}

bool GpuExecutor::hasRoomFor(int64_t size) {
  // Not to the last byte: the driver itself needs some, for the kernels' stacks
  // and more.
  MemorySize memory = driver->memory();
  return size <= memory.free - memory.total / 16;
}

void GpuExecutor::grow(DeviceParts &buffer, int64_t size, Purpose purpose) {
  if (buffer && buffer.stride() >= size)
    return;
  if (buffer) {
    // Given back first: the old and the new might not have room together.
    driver->synchronize();
    account(-buffer.size());
    buffer = DeviceParts();
  }
  buffer = allocate(size, purpose);
}

void GpuExecutor::grow(DeviceBuffer &buffer, int64_t size, Purpose purpose) {
  if (buffer && buffer.size() >= size)
    return;
  driver->synchronize();
  account(-buffer.size());
  buffer = DeviceBuffer();
  buffer = DeviceBuffer(driver, size, purpose);
  account(size);
}

KernelBuffer GpuExecutor::use(DeviceParts &buffer, int64_t size,
                              Purpose purpose) {
  grow(buffer, size, purpose);
  return buffer.view(size, purpose.name);
}

KernelBuffer GpuExecutor::useParameters() {
  return use(parameters, circuit.realBytes(circuit.parameters.elements),
             Purpose::ofNetwork("the parameters"));
}

KernelBuffer GpuExecutor::useMomenta() {
  return use(momenta, circuit.realBytes(circuit.parameters.elements),
             Purpose::ofNetwork("the momenta"));
}

KernelBuffer GpuExecutor::useAverages() {
  return use(averages, circuit.realBytes(circuit.averages.elements),
             Purpose::ofNetwork("the moving averages"));
}

KernelBuffer GpuExecutor::useImages(int64_t batch) {
  return use(images, circuit.realBytes(batch * circuit.imageElements()),
             "the images");
}

void GpuExecutor::reserveResults(int64_t bytes) {
  grow(results, bytes, "the results of batches");
}

KernelBuffer GpuExecutor::useLosses(const Batches &batches) {
  const BatchBuffers &first = batches.front();
  int64_t each = BatchBuffers::resultBytes(circuit, first.batch);
  return {"the losses",
          results.address() + static_cast<DeviceAddress>(first.slot * each),
          circuit.realBytes(2), /*stride=*/each, /*writtenFirst=*/true};
}

KernelBuffer GpuExecutor::useLogits(const Batches &batches, int64_t batch) {
  KernelBuffer view = useLosses(batches);
  view.name = "the logits";
  view.address += static_cast<DeviceAddress>(BatchBuffers::lossBytes(circuit));
  view.bytes = circuit.realBytes(batch * circuit.classes);
  return view;
}

KernelBuffer GpuExecutor::useGradients() {
  int64_t size = circuit.realBytes(circuit.parameters.elements);
  Purpose purpose = Purpose::ofNetwork("the gradients");
  if (!gradientBuffer) {
    gradientBuffer = allocate(size, purpose);
    // What lies between the variables is zero.
    gradientBuffer.clear(*driver);
  }
  return use(gradientBuffer, size, purpose);
}

int64_t GpuExecutor::workspaceBytes(std::string_view function,
                                    int64_t batch) const {
  return code.functions.find(function)->second.bytes(batch, blocksOf(function));
}

void GpuExecutor::reserve(std::string_view function, int64_t batch) {
  grow(workspace, workspaceBytes(function, batch), "the workspace");
  useImages(batch);
  if (function == "prepare") {
    grow(bytes, sizeProduct(count, batch * circuit.imageElements()),
         "the raw images");
    grow(picks, batch * 4, "the picks");
    grow(draws, batch * 3 * 4, "the draws");
  } else if (function == "train_step") {
    useGradients();
    grow(labels, batch * 4, "the labels");
    grow(keys, batch * 4, "the random numbers");
  } else if (function == "respond") {
    grow(responseBuffer, circuit.realBytes(batch * circuit.responseElements()),
         "the responses");
  }
}

bool GpuExecutor::makeResident(std::span<const uint8_t> images) {
  if (residents.contains(images.data()))
    return true;
  auto size = static_cast<int64_t>(images.size());
  if (!hasRoomFor(size))
    return false;
  DeviceBuffer buffer = DeviceBuffer::tryAllocate(driver, size, "the data set");
  if (!buffer)
    return false;
  driver->upload(buffer.address(), images.data(), size);
  driver->synchronize();
  account(size);
  residents.emplace(images.data(), std::move(buffer));
  return true;
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

std::vector<std::pair<DeviceParts *, GpuExecutor::ModelField>>
GpuExecutor::modelFields() {
  return {{&parameters, &Model::parameters},
          {&momenta, &Model::momenta},
          {&averages, &Model::averages}};
}

void GpuExecutor::load(std::span<Model *const> models) {
  assert(std::ssize(models) == count && "a model for each network");
  for (auto [to, field] : modelFields()) {
    std::vector<const std::byte *> from;
    for (const Model *model : models)
      from.push_back((model->*field).data());
    to->upload(*driver, from, (models.front()->*field).size());
  }
  driver->synchronize();
}

void GpuExecutor::store(std::span<Model *const> models) {
  assert(std::ssize(models) == count && "a model for each network");
  for (auto [from, field] : modelFields()) {
    std::vector<std::byte *> to;
    for (Model *model : models)
      to.push_back((model->*field).data());
    from->download(*driver, to, (models.front()->*field).size());
  }
  driver->synchronize();
}

void GpuExecutor::setImages(const std::byte *from, int64_t batch) {
  KernelBuffer to = useImages(batch);
  images.upload(*driver, std::vector(static_cast<size_t>(count), from),
                to.bytes);
  driver->synchronize();
}

/// Whether the host's parts of a batch (Executor::batchBuffers) are as far
/// apart as the device's, which may have room for larger batches.
static bool liesAlike(const Buffer &host, const DeviceParts &device) {
  return partStride(host.size()) == device.stride();
}

KernelBuffer GpuExecutor::upload(DeviceParts &buffer, const Batches &batches,
                                 BatchField field, int64_t size,
                                 const char *name) {
  assert(std::ssize(batches) == count && "a batch for each network");
  KernelBuffer view = use(buffer, size, name);
  const Buffer &first = batches.front().*field;
  if (liesAlike(first, buffer)) {
    buffer.uploadAll(*driver, first.data(), size);
    return view;
  }
  std::vector<const std::byte *> from;
  for (const BatchBuffers &batch : batches)
    from.push_back((batch.*field).data());
  buffer.upload(*driver, from, size);
  return view;
}

KernelBuffer GpuExecutor::useRawImages(const Batches &batches, int64_t batch) {
  const BatchBuffers &first = batches.front();
  if (!first.resident.empty()) {
    for (const BatchBuffers &buffers : batches)
      rawImages(buffers, batch);
    auto found = residents.find(first.resident.data());
    assert(found != residents.end() && "resident images have been made so");
    return {"the data set", found->second.address(),
            static_cast<int64_t>(first.resident.size())};
  }
  int64_t each = first.batch * circuit.imageElements();
  grow(bytes, count * each, "the raw images");
  DeviceAddress place = bytes.address();
  for (const BatchBuffers &buffers : batches) {
    std::span<const uint8_t> images = rawImages(buffers, batch);
    driver->upload(place, images.data(), static_cast<int64_t>(images.size()));
    place += static_cast<DeviceAddress>(each);
  }
  return {"the raw images", bytes.address(), count * each};
}

KernelBuffer GpuExecutor::useLearningRate(double rate) {
  if (sentLearningRate != rate) {
    // The rate of a step that is still to come must not change.
    wait();
    storeReal(hostLearningRate.data(), circuit.element, 0, rate);
    sentLearningRate = rate;
    driver->upload(learningRate.address(), hostLearningRate.data(),
                   hostLearningRate.size());
  }
  return {"the learning rate", learningRate.address(), learningRate.size()};
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

void GpuExecutor::launch(std::string_view function,
                         std::vector<KernelBuffer> buffers, int64_t batch) {
  KernelLaunch call;
  call.function = function;
  call.replicas = count;
  call.blocks = blocksOf(function);
  call.buffers = std::move(buffers);
  call.batch = batch;
  call.workspace =
      use(workspace, workspaceBytes(function, batch), "the workspace");
  call.workspace.writtenFirst = true;
  // One count for the grid, and one for each team of blocks.
  call.arrivals = use(arrivals, (call.blocks + 1) * DALE_ARRIVALS_BYTES,
                      "the counts of blocks");
  arrivals.clear(*driver);
  driver->launch(call);
}

void GpuExecutor::prepare(Batches &batches, int64_t batch) {
  KernelBuffer raw = useRawImages(batches, batch);
  KernelBuffer chosen =
      upload(picks, batches, &BatchBuffers::picks, batch * 4, "the picks");
  KernelBuffer corners =
      upload(draws, batches, &BatchBuffers::draws, batch * 3 * 4, "the draws");
  KernelBuffer out = useImages(batch);
  out.writtenFirst = true;
  launch("prepare", {raw, chosen, corners, out}, batch);
}

void GpuExecutor::trainStep(Batches &batches, int64_t batch, double rate) {
  launch(
      "train_step",
      {useParameters(), useMomenta(), useAverages(), useImages(batch),
       upload(labels, batches, &BatchBuffers::labels, batch * 4, "the labels"),
       upload(keys, batches, &BatchBuffers::keys, batch * 4,
              "the random numbers"),
       useLearningRate(rate), useLogits(batches, batch), useLosses(batches),
       useGradients()},
      batch);
}

void GpuExecutor::evaluate(Batches &batches, int64_t batch) {
  launch("evaluate",
         {useParameters(), useAverages(), useImages(batch),
          useLogits(batches, batch)},
         batch);
}

void GpuExecutor::respond(Batches &batches, Buffer &responses, int64_t batch) {
  assert(count == 1 && "one network responds");
  KernelBuffer responseView =
      use(responseBuffer, circuit.realBytes(batch * circuit.responseElements()),
          "the responses");
  responseView.writtenFirst = true;
  launch("respond",
         {useParameters(), useAverages(), useImages(batch),
          useLogits(batches, batch), responseView},
         batch);
  driver->download(responses.data(), responseView.address, responseView.bytes);
}

void GpuExecutor::fetch(std::span<Batches> steps, int mark) {
  Batches &first = steps.front();
  KernelBuffer view = useLosses(first);
  driver->download(first.front().losses.data(), view.address,
                   std::ssize(steps) * count * view.stride);
  driver->mark(mark);
}

const Buffer &GpuExecutor::gradients() {
  KernelBuffer view = useGradients();
  if (!hostGradients.data())
    hostGradients = hostBuffer(view.bytes, Purpose::ofNetwork("the gradients"));
  driver->download(hostGradients.data(), view.address, view.bytes);
  driver->synchronize();
  return hostGradients;
}
