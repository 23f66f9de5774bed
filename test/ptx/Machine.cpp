//===- Machine.cpp - Runs PTX on the host ---------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include "Profile.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <limits>

using namespace dale::test::ptx;

namespace {

/// Bytes of the registers of all functions that a warp is in.
constexpr size_t stackBytes = size_t(64) << 20;
/// Turns in which threads only looked whether they may go on.
constexpr int64_t mostIdleTurns = 10000;

Mask firstLanes(unsigned count) {
  return count >= warpSize ? allLanes : (Mask(1) << count) - 1;
}

/// The place in the text of the first group that waits.
uint32_t firstWaiting(const Frame &frame) {
  uint32_t first = std::numeric_limits<uint32_t>::max();
  for (const Group &group : frame.waiting)
    first = std::min(first, group.place);
  return first;
}

/// Goes on with the threads that are behind, and all that are where they are.
void regroup(Frame &frame) {
  if (frame.waiting.empty())
    return;
  if (frame.running.lanes)
    frame.waiting.push_back(frame.running);
  uint32_t place = firstWaiting(frame);
  frame.running = {place, 0};
  std::erase_if(frame.waiting, [&](const Group &group) {
    if (group.place != place)
      return false;
    frame.running.lanes |= group.lanes;
    return true;
  });
}

} // namespace

std::byte *Machine::translateShared(const Block &block, uint64_t address,
                                    size_t bytes) const {
  if (address > block.shared.size() || bytes > block.shared.size() - address)
    throw PtxError(fmt::format("{} bytes at {} of {} bytes of shared memory",
                               bytes, address, block.shared.size()));
  return const_cast<std::byte *>(block.shared.data()) + address;
}

std::byte *Machine::translate(const Block &block, uint64_t address,
                              size_t bytes) {
  if (address >= sharedWindow && address - sharedWindow < block.shared.size())
    return translateShared(block, address - sharedWindow, bytes);
  if (address < lastMemory.begin || address >= lastMemory.end)
    lastMemory = findMemory(address);
  if (!lastMemory.host || address + bytes > lastMemory.end)
    throw PtxError(fmt::format("{} bytes at {:#x}, where nothing is allocated",
                               bytes, address));
  return lastMemory.host + (address - lastMemory.begin);
}

void Machine::enter(Warp &warp, const Function &function, Mask lanes) {
  std::byte *registers = warp.stack.get() + warp.stackUsed;
  warp.stackUsed += function.frameBytes;
  if (warp.stackUsed > stackBytes)
    throw PtxError(
        fmt::format("the stack of registers is full in '{}'", function.name));
  warp.frames.push_back({&function, registers, lanes, {0, lanes}, {}, 0});
  warp.registers = registers;
}

void Machine::leave(Warp &warp, Mask lanes) {
  Frame &frame = warp.frames.back();
  frame.lanes &= ~lanes;
  frame.running.lanes &= ~lanes;
  if (frame.running.lanes)
    return;
  if (frame.lanes) {
    regroup(frame);
    return;
  }
  if (profile)
    profile->leave(*frame.function, frame.issued);
  warp.stackUsed -= frame.function->frameBytes;
  warp.frames.pop_back();
  warp.registers = warp.frames.empty() ? nullptr : warp.frames.back().registers;
  if (warp.frames.empty())
    noteProgress();
}

/// Threads of a mask go to `target`, the others of the group to the next place.
void Machine::branch(Warp &warp, uint32_t target, Mask lanes) {
  Frame &frame = warp.frames.back();
  Mask others = frame.running.lanes & ~lanes;
  frame.running.lanes = others;
  ++frame.running.place;
  if (!lanes)
    return;
  if (!others) {
    frame.running = {target, lanes};
    return;
  }
  frame.waiting.push_back({target, lanes});
}

void Machine::call(Warp &warp, const Instruction &instruction, Mask lanes) {
  const Function &callee =
      program.functions[static_cast<size_t>(instruction.target)];
  const std::byte *caller = warp.registers;
  ++warp.frames.back().running.place;
  enter(warp, callee, lanes);
  for (size_t i = 0; i < callee.parameters.size(); ++i)
    std::memcpy(warp.at(callee.parameters[i].place),
                caller + instruction.arguments[i], sizeof(uint64_t) * warpSize);
}

/// Runs a warp until it waits, lets others go on, or ends.
void Machine::runWarp(Warp &warp) {
  while (!warp.frames.empty()) {
    Frame &frame = warp.frames.back();
    if (!frame.waiting.empty() && firstWaiting(frame) <= frame.running.place)
      regroup(frame);
    if (frame.running.place >= frame.function->code.size())
      throw PtxError(fmt::format("'{}' has no end", frame.function->name));
    const Instruction &instruction = frame.function->code[frame.running.place];
    Mask lanes = frame.running.lanes;
    if (instruction.guard >= 0) {
      Mask guard;
      std::memcpy(&guard, warp.at(instruction.guard), sizeof guard);
      lanes &= instruction.negated ? ~guard : guard;
    }
    ++frame.issued;
    ++warp.issued;
    if (profile)
      profile->count(warp, *frame.function, instruction, lanes);
    try {
      switch (instruction.flow) {
      case Flow::next:
        if (lanes)
          instruction.execute(warp, instruction, lanes);
        ++frame.running.place;
        break;
      case Flow::branch:
        branch(warp, static_cast<uint32_t>(instruction.target), lanes);
        break;
      case Flow::call:
        if (lanes)
          call(warp, instruction, lanes);
        else
          ++frame.running.place;
        break;
      case Flow::leave:
        ++frame.running.place;
        leave(warp, lanes);
        break;
      case Flow::barrier:
        instruction.execute(warp, instruction, lanes);
        ++frame.running.place;
        warp.atBarrier = true;
        return;
      case Flow::yield:
        instruction.execute(warp, instruction, lanes);
        ++frame.running.place;
        return;
      }
    } catch (const PtxError &error) {
      throw PtxError(fmt::format(
          "{}: in '{}', line {} of the PTX, {}; block ({}, {}), threads {} to "
          "{}, of which {:#010x} are here",
          error.what(), frame.function->name, instruction.line,
          instruction.name, warp.block->index[0], warp.block->index[1],
          warp.number * warpSize, warp.number * warpSize + warpSize - 1,
          lanes));
    }
  }
}

/// All threads of a block are at a barrier, or it waits.
void Machine::releaseBarrier(Block &block) {
  bool waits = std::any_of(block.warps.begin(), block.warps.end(),
                           [](const Warp &warp) { return warp.atBarrier; });
  if (!waits)
    return;
  for (Warp &warp : block.warps) {
    if (warp.frames.empty())
      throw PtxError(fmt::format("block ({}, {}): threads wait at a barrier "
                                 "for others that have ended",
                                 block.index[0], block.index[1]));
    if (!warp.atBarrier)
      return;
  }
  if (profile)
    profile->wait(block);
  for (Warp &warp : block.warps) {
    warp.atBarrier = false;
    warp.issued = 0;
  }
  noteProgress();
}

void Machine::run(const Launch &toRun) {
  launch = &toRun;
  lastMemory = {};
  noteProgress();
  const Function &entry = *launch->entry;
  if (entry.parameters.size() != launch->parameters.size())
    throw PtxError(fmt::format("'{}' has {} parameters", entry.name,
                               entry.parameters.size()));
  std::deque<Block> blocks;
  for (unsigned y = 0; y < launch->grid[1]; ++y)
    for (unsigned x = 0; x < launch->grid[0]; ++x) {
      Block &block = blocks.emplace_back(Block{this, {x, y}, {}, {}});
      block.shared.assign(launch->sharedBytes, std::byte(0xFF));
      for (unsigned first = 0; first < launch->threads; first += warpSize) {
        Mask lanes = firstLanes(launch->threads - first);
        block.warps.push_back({});
        Warp &warp = block.warps.back();
        warp.number = first / warpSize;
        warp.lanes = lanes;
        warp.pool = program.pool.data();
        warp.stack = std::unique_ptr<std::byte[]>(new std::byte[stackBytes]);
        enter(warp, entry, lanes);
        for (size_t i = 0; i < entry.parameters.size(); ++i)
          for (int lane = 0; lane < warpSize; ++lane)
            std::memcpy(warp.at(entry.parameters[i].place) +
                            static_cast<size_t>(lane) * sizeof(uint64_t),
                        &launch->parameters[i], sizeof(uint64_t));
      }
    }
  for (Block &block : blocks)
    for (Warp &warp : block.warps)
      warp.block = &block;
  if (launch->reversed) {
    std::reverse(blocks.begin(), blocks.end());
    for (Block &block : blocks)
      std::reverse(block.warps.begin(), block.warps.end());
  }

  for (bool running = true; running;) {
    running = false;
    for (Block &block : blocks) {
      for (Warp &warp : block.warps)
        if (!warp.atBarrier && !warp.frames.empty()) {
          runWarp(warp);
          running = true;
        }
      releaseBarrier(block);
    }
    if (++idleTurns > mostIdleTurns)
      throw PtxError("threads wait for each other, and none goes on");
  }
}
