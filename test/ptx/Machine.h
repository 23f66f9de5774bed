//===- Machine.h - Runs PTX on the host -------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A grid of blocks of warps, one instruction of a warp at a time. Where threads
// of a warp part, those that are behind in the text go on first, so that all
// meet again.
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_PTX_MACHINE_H
#define DALE_TEST_PTX_MACHINE_H

#include "Program.h"

#include <functional>
#include <memory>

namespace dale::test::ptx {

/// Memory of the GPU at addresses from `begin` on.
struct Region {
  uint64_t begin = 0, end = 0;
  std::byte *host = nullptr;
};

struct Launch {
  const Function *entry;
  /// Values of its parameters, each in eight bytes.
  std::vector<uint64_t> parameters;
  std::array<unsigned, 2> grid;
  unsigned threads;
  size_t sharedBytes;
  /// The last of those that can go on comes first.
  bool reversed = false;
};

/// Threads of a warp that are at the same place.
struct Group {
  uint32_t place;
  Mask lanes;
};

struct Frame {
  const Function *function;
  std::byte *registers;
  Mask lanes;
  Group running;
  std::vector<Group> waiting;
  /// Instructions that were issued in it.
  uint64_t issued = 0;
};

struct Block;

struct Warp {
  Block *block;
  unsigned number;
  Mask lanes;
  std::vector<Frame> frames;
  /// Where registers lie, a frame behind the other.
  std::unique_ptr<std::byte[]> stack;
  size_t stackUsed = 0;
  /// Of the frame that runs, and of constants: what operands are places in.
  std::byte *registers = nullptr;
  const std::byte *pool = nullptr;
  bool atBarrier = false;
  /// Instructions that were issued since the last barrier.
  uint64_t issued = 0;

  const std::byte *at(Place place) const {
    return place >= 0 ? registers + place : pool + ~place;
  }
  std::byte *at(Place place) { return registers + place; }
};

class Machine;
class Profile;

struct Block {
  Machine *machine;
  std::array<unsigned, 2> index;
  std::vector<std::byte> shared;
  std::vector<Warp> warps;
};

class Machine {
public:
  /// `findMemory` tells of the memory that an address is in: none where
  /// nothing was allocated.
  Machine(const Program &program, std::function<Region(uint64_t)> findMemory)
      : program(program), findMemory(std::move(findMemory)) {}

  /// Runs a cooperative launch: all blocks of the grid go on in turns. Throws
  /// PtxError, which tells the instruction and who ran it.
  void run(const Launch &launch);

  /// Counts what runs from now on; null to stop.
  void setProfile(Profile *counter) { profile = counter; }

  /// \name What instructions ask
  /// @{
  /// Where bytes at a generic address are.
  std::byte *translate(const Block &block, uint64_t address, size_t bytes);
  /// Where bytes of the block's shared memory are.
  std::byte *translateShared(const Block &block, uint64_t address,
                             size_t bytes) const;
  /// Generic addresses of shared memory begin here, those of each block.
  static constexpr uint64_t sharedWindow = uint64_t(1) << 60;
  const Launch &current() const { return *launch; }
  /// Something happened that others may wait for.
  void noteProgress() { idleTurns = 0; }
  /// @}

private:
  void runWarp(Warp &warp);
  void enter(Warp &warp, const Function &function, Mask lanes);
  void leave(Warp &warp, Mask lanes);
  void branch(Warp &warp, uint32_t target, Mask lanes);
  void call(Warp &warp, const Instruction &instruction, Mask lanes);
  void releaseBarrier(Block &block);

  const Program &program;
  std::function<Region(uint64_t)> findMemory;
  Region lastMemory;
  const Launch *launch = nullptr;
  int64_t idleTurns = 0;
  Profile *profile = nullptr;
};

} // namespace dale::test::ptx

#endif // DALE_TEST_PTX_MACHINE_H
