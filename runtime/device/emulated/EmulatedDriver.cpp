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

static int64_t chosenBlocks() {
  constexpr const char *name = "DALE_EMULATED_BLOCKS";
  // More than one, and not a power of two: that finds most.
  constexpr int64_t usual = 3, most = 1024;
  std::string text = environment(name);
  if (text.empty())
    return usual;
  int64_t blocks = 0;
  const char *end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, blocks);
  if (error != std::errc() || stop != end || blocks < 1 || blocks > most)
    fail("{}={}: expected 1 to {}", name, text, most);
  return blocks;
}

EmulatedDriver::EmulatedDriver(const Circuit &circuit)
    : code(*circuit.gpu), blocks(chosenBlocks()),
      emulator(FiberOrder::parse(environment("DALE_EMULATED_ORDER"),
                                 "DALE_EMULATED_ORDER")) {
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

DeviceAddress EmulatedDriver::allocate(int64_t bytes,
                                       std::string_view purpose) {
  Buffer buffer = Buffer::uninitialized(bytes, purpose);
  // Not a number, where it is read as one.
  std::memset(buffer.data(), 0xFF, static_cast<size_t>(bytes));
  auto address = reinterpret_cast<DeviceAddress>(buffer.data());
  memory.emplace(address, std::move(buffer));
  return address;
}

void EmulatedDriver::release(DeviceAddress address) noexcept {
  memory.erase(address);
}

std::byte *EmulatedDriver::allocateHost(int64_t bytes,
                                        std::string_view purpose) {
  auto address = allocate(bytes, purpose);
  return reinterpret_cast<std::byte *>(address);
}

void EmulatedDriver::releaseHost(std::byte *host) noexcept {
  release(reinterpret_cast<DeviceAddress>(host));
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
      _mlir_ciface_dale_emulated_prepare(v, v + 1, v + 2, batch, v + 3, v + 4);
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
  Grid grid{launch.blocks, code.block,
            code.functions.find(launch.function)->second.shared,
            launch.replicas};
  emulator.launch(fmt::format("dale_{}", launch.function), grid,
                  std::move(global), std::move(body));
}
