//===- EmulatedDriver.cpp - The emulated GPU as a device ------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/emulated/EmulatedDriver.h"

#include "runtime/Error.h"

#include <charconv>
#include <cstdlib>
#include <cstring>

using namespace dale::runtime;

static std::string environment(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

/// A number that an environment variable may choose, 1 to `most`.
static int64_t chosenNumber(const char *name, int64_t usual, int64_t most) {
  std::string text = environment(name);
  if (text.empty())
    return usual;
  int64_t number = 0;
  const char *end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < 1 || number > most)
    fail("{}={}: expected 1 to {}", name, text, most);
  return number;
}

// By default blocks are more than one, and not a power of two: that finds most.
// They have as much shared memory as an H100's.
EmulatedDriver::EmulatedDriver(const Circuit &circuit)
    : code(*circuit.gpu), blocks(chosenNumber("DALE_EMULATED_BLOCKS", 3, 1024)),
      mostShared(chosenNumber("DALE_EMULATED_SHARED", /*usual=*/227 * 1024,
                              /*most=*/int64_t(1) << 30)),
      emulator(FiberOrder::parse(environment("DALE_EMULATED_ORDER"),
                                 "DALE_EMULATED_ORDER")) {
  constexpr int64_t tebibyte = int64_t(1) << 40;
  size.total = size.free =
      chosenNumber("DALE_EMULATED_MEMORY", tebibyte, tebibyte);
  if (!_mlir_ciface_dale_emulated_prepare ||
      !_mlir_ciface_dale_emulated_train_step ||
      !_mlir_ciface_dale_emulated_evaluate ||
      !_mlir_ciface_dale_emulated_respond)
    fail("the object code linked into this executable lacks the emulated "
         "kernels that its description promises; compile the circuit again");
}

std::string EmulatedDriver::description() const {
  return fmt::format("an emulated GPU with {} block{} of {} threads", blocks,
                     blocks == 1 ? "" : "s", code.block);
}

int64_t EmulatedDriver::residentBlocks(std::string_view) { return blocks; }

MemorySize EmulatedDriver::memory() { return size; }

/// Holds no number that could be read as one.
static Buffer allocateBlank(int64_t bytes, Purpose purpose) {
  Buffer buffer = Buffer::uninitialized(bytes, purpose);
  std::memset(buffer.data(), 0xFF, static_cast<size_t>(bytes));
  return buffer;
}

std::optional<DeviceAddress> EmulatedDriver::tryAllocate(int64_t bytes,
                                                         Purpose purpose) {
  if (bytes > size.free)
    return std::nullopt;
  Buffer buffer = allocateBlank(bytes, purpose);
  auto address = reinterpret_cast<DeviceAddress>(buffer.data());
  allocations.emplace(address, std::move(buffer));
  size.free -= bytes;
  return address;
}

void EmulatedDriver::release(DeviceAddress address) noexcept {
  auto found = allocations.find(address);
  size.free += found->second.size();
  allocations.erase(found);
}

std::byte *EmulatedDriver::allocateHost(int64_t bytes, Purpose purpose) {
  Buffer buffer = allocateBlank(bytes, purpose);
  std::byte *memory = buffer.data();
  hostAllocations.emplace(memory, std::move(buffer));
  return memory;
}

void EmulatedDriver::releaseHost(std::byte *memory) noexcept {
  hostAllocations.erase(memory);
}

void EmulatedDriver::upload(DeviceAddress to, const void *from, int64_t bytes) {
  std::memcpy(reinterpret_cast<void *>(to), from, static_cast<size_t>(bytes));
}

void EmulatedDriver::download(void *to, DeviceAddress from, int64_t bytes) {
  std::memcpy(to, reinterpret_cast<void *>(from), static_cast<size_t>(bytes));
}

void EmulatedDriver::clear(DeviceAddress address, int64_t bytes) {
  std::memset(reinterpret_cast<void *>(address), 0, static_cast<size_t>(bytes));
}

void EmulatedDriver::launch(const KernelLaunch &launch) {
  std::vector<GlobalMemory> global;
  std::vector<DaleBuffer> views;
  auto add = [&](const KernelBuffer &buffer) {
    auto *data = reinterpret_cast<std::byte *>(buffer.address);
    global.push_back({buffer.name, data, buffer.bytes, buffer.writtenFirst,
                      buffer.stride, buffer.stride == 0});
    views.push_back({data, data, 0, buffer.partSize(), 1});
  };
  for (const KernelBuffer &buffer : launch.buffers)
    add(buffer);
  add(launch.workspace);
  add(launch.arrivals);

  DaleBuffer *v = views.data();
  int64_t batch = launch.batch;
  std::function<void()> body;
  if (launch.function == "prepare")
    body = [=] {
      _mlir_ciface_dale_emulated_prepare(v, v + 1, v + 2, v + 3, batch, v + 4,
                                         v + 5);
    };
  else if (launch.function == "train_step")
    body = [=] {
      _mlir_ciface_dale_emulated_train_step(v, v + 1, v + 2, v + 3, v + 4,
                                            v + 5, v + 6, v + 7, v + 8, v + 9,
                                            batch, v + 10, v + 11);
    };
  else if (launch.function == "evaluate")
    body = [=] {
      _mlir_ciface_dale_emulated_evaluate(v, v + 1, v + 2, v + 3, batch, v + 4,
                                          v + 5);
    };
  else
    body = [=] {
      _mlir_ciface_dale_emulated_respond(v, v + 1, v + 2, v + 3, v + 4, batch,
                                         v + 5, v + 6);
    };
  Grid grid{
      launch.blocks, code.block,
      code.functions.find(launch.function)->second.sharedWithin(mostShared),
      launch.replicas};
  emulator.launch(fmt::format("dale_{}", launch.function), grid,
                  std::move(global), std::move(body));
}
