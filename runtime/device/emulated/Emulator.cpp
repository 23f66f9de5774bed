//===- Emulator.cpp - A grid of threads on one CPU ------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/emulated/Emulator.h"

#include "runtime/Error.h"
#include "runtime/device/emulated/MatrixUnit.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <numeric>

using namespace dale::runtime;

/// While a launch is on.
static Emulator *running = nullptr;

Emulator *Emulator::current() { return running; }

FiberOrder FiberOrder::parse(const std::string &text,
                             const std::string &source) {
  if (text.empty() || text == "forward")
    return {};
  if (text == "reverse")
    return {Kind::Reverse, 0};
  if (text == "shuffle")
    return {Kind::Shuffled, 0};
  constexpr std::string_view prefix = "shuffle:";
  uint32_t seed = 0;
  const char *end = text.data() + text.size();
  if (text.starts_with(prefix) && text.size() > prefix.size()) {
    auto [stop, error] =
        std::from_chars(text.data() + prefix.size(), end, seed);
    if (error == std::errc() && stop == end)
      return {Kind::Shuffled, seed};
  }
  fail("{}={}: expected forward, reverse, shuffle or shuffle:SEED", source,
       text);
}

Emulator::Emulator(FiberOrder order) : order(order), generator(order.seed) {}

Emulator::~Emulator() = default;

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

void Emulator::launch(const std::string &name, const Grid &newGrid,
                      std::vector<GlobalMemory> newMemory,
                      std::function<void()> newBody) {
  constexpr int64_t mostThreads = int64_t(1) << AccessStamp::threadBits;
  if (newGrid.threads < 1 || newGrid.threads > mostThreads ||
      newGrid.blocks < 1 || newGrid.replicas < 1)
    fail("{}: {} replicas of {} blocks of {} threads: expected at least one "
         "replica and block, of 1 to {} threads",
         name, newGrid.replicas, newGrid.blocks, newGrid.threads, mostThreads);
  kernel = name;
  grid = newGrid;
  memory = std::move(newMemory);
  body = std::move(newBody);
  begin();
  running = this;
  for (int64_t i = 0; i < grid.replicas && problem.empty(); ++i) {
    beginReplica(i);
    run();
  }
  running = nullptr;
  body = nullptr;
  if (!problem.empty())
    fail("{} on the emulated GPU: {}; this is a fault of dale's compiler, "
         "please report it",
         kernel, problem);
}

void Emulator::begin() {
  problem.clear();
  lastFound = 0;
  // Epochs of one launch are far from using up the half that is left.
  if (lastEpoch > std::numeric_limits<uint32_t>::max() / 2) {
    lastEpoch = 0;
    allShadows.clear();
    allBlocks.clear();
  }

  shadows.clear();
  for (const GlobalMemory &buffer : memory) {
    Shadow &shadow = allShadows[buffer.data];
    shadow.resize(buffer.partOf(grid.replicas - 1) + buffer.bytes -
                  buffer.data);
    shadows.push_back(&shadow);
  }
  while (static_cast<int64_t>(allBlocks.size()) < grid.blocks)
    allBlocks.push_back(std::make_unique<Block>());
  for (int64_t i = 0; i < grid.blocks; ++i) {
    Block &block = *allBlocks[i];
    if (!block.shared.data() || block.shared.size() < grid.sharedBytes)
      block.shared =
          Buffer::uninitialized(grid.sharedBytes, "the emulated shared memory");
    block.shadow.resize(grid.sharedBytes);
  }
  while (static_cast<int64_t>(fibers.size()) < grid.blocks * grid.threads)
    fibers.push_back(std::make_unique<Thread>());
}

void Emulator::beginReplica(int64_t replica) {
  replicaNumber = replica;
  launchEpoch = gridEpoch = ++lastEpoch;
  for (int64_t i = 0; i < grid.blocks; ++i) {
    allBlocks[i]->epoch = gridEpoch;
    allBlocks[i]->teamEpoch = 0;
  }
  for (int64_t i = 0; i < grid.blocks * grid.threads; ++i) {
    fibers[i]->fiber.start(&Emulator::enter, this);
    fibers[i]->state = Thread::State::Ready;
  }
}

void Emulator::enter(void *emulator) {
  static_cast<Emulator *>(emulator)->body();
}

void Emulator::arrange(std::vector<uint32_t> &numbers, int64_t count) {
  if (static_cast<int64_t>(numbers.size()) != count) {
    numbers.resize(static_cast<size_t>(count));
    std::iota(numbers.begin(), numbers.end(), 0u);
    if (order.kind == FiberOrder::Kind::Reverse)
      std::reverse(numbers.begin(), numbers.end());
  }
  if (order.kind == FiberOrder::Kind::Shuffled)
    std::shuffle(numbers.begin(), numbers.end(), generator);
}

void Emulator::run() {
  do {
    arrange(blockOrder, grid.blocks);
    for (uint32_t block : blockOrder) {
      runBlock(block);
      if (!problem.empty())
        return;
    }
  } while (releaseTeams() || (problem.empty() && releaseGrid()));
}

/// Until its threads wait for other blocks, or have ended.
void Emulator::runBlock(int64_t number) {
  blockNumber = number;
  std::vector<uint32_t> &threadOrder = allBlocks[number]->order;
  do {
    arrange(threadOrder, grid.threads);
    for (uint32_t thread : threadOrder) {
      threadNumber = thread;
      runThread(threadOf(number, thread));
      if (!problem.empty())
        return;
    }
  } while (releaseWarps(number) || (problem.empty() && releaseBlock(number)));
}

void Emulator::runThread(Thread &thread) {
  if (thread.state != Thread::State::Ready)
    return;
  thread.fiber.resume();
  if (thread.fiber.ended())
    thread.state = Thread::State::Ended;
}

void Emulator::wait(Thread::State state, const char *where) {
  Thread &thread = threadOf(blockNumber, threadNumber);
  thread.state = state;
  thread.where = where;
  thread.fiber.suspend();
}

/// Computes the products that warps of a block are at, which lets them go on;
/// false where there are none.
bool Emulator::releaseWarps(int64_t number) {
  bool any = false;
  for (int64_t first = 0; first < grid.threads; first += warpSize) {
    int64_t end = std::min(first + warpSize, grid.threads);
    bool atProduct = false;
    for (int64_t i = first; i < end; ++i)
      atProduct |= threadOf(number, i).state == Thread::State::AtProduct;
    if (!atProduct)
      continue;
    checkSameProduct(number, first);
    if (!problem.empty())
      return false;
    std::array<float *, warpSize> lanes;
    for (int64_t i = 0; i < warpSize; ++i) {
      Thread &thread = threadOf(number, first + i);
      lanes[i] = thread.registers;
      thread.state = Thread::State::Ready;
    }
    multiplyTile(lanes, threadOf(number, first).depth);
    any = true;
  }
  return any;
}

/// All threads of a warp, which must be whole, must be at one product.
void Emulator::checkSameProduct(int64_t number, int64_t first) {
  if (first + warpSize > grid.threads) {
    problem = fmt::format("a product of matrices by {} threads, at {}: "
                          "expected a whole warp of {}",
                          grid.threads - first, threadOf(number, first).where,
                          warpSize);
    return;
  }
  int64_t at = first;
  while (threadOf(number, at).state != Thread::State::AtProduct)
    ++at;
  const Thread &one = threadOf(number, at);
  for (int64_t i = first; i < first + warpSize; ++i) {
    const Thread &thread = threadOf(number, i);
    if (thread.state == Thread::State::AtProduct &&
        std::strcmp(thread.where, one.where) == 0)
      continue;
    problem = fmt::format(
        "a divergent warp: {} multiplies matrices at {}, but {} {}: expected "
        "all threads of a warp to come to the same instruction",
        describe(number, at), one.where, describe(number, i),
        thread.state == Thread::State::Ended
            ? "has ended"
            : fmt::format("is at {}", thread.where));
    return;
  }
}

/// Whether the threads of a block are all at a barrier of their own, which then
/// lets them go on.
bool Emulator::releaseBlock(int64_t number) {
  checkSameBarrier(number);
  if (!problem.empty() || threadOf(number, 0).state != Thread::State::AtBarrier)
    return false;
  for (int64_t i = 0; i < grid.threads; ++i)
    threadOf(number, i).state = Thread::State::Ready;
  uint32_t epoch = ++allBlocks[number]->epoch;
  lastEpoch = std::max(lastEpoch, epoch);
  return true;
}

/// Lets the blocks of every team go on that are all at its barrier; false where
/// there are none.
bool Emulator::releaseTeams() {
  bool any = false;
  for (int64_t i = 0; i < grid.blocks && problem.empty(); ++i)
    if (threadOf(i, 0).state == Thread::State::AtTeamBarrier)
      any |= releaseTeam(i);
  return any;
}

/// What a block does that is not at the same barrier of a team as thread `one`;
/// nothing if it is.
std::string Emulator::missesTeam(int64_t block, const Thread &one) {
  if (block >= grid.blocks)
    return "there is no such block";
  const Thread &thread = threadOf(block, 0);
  if (thread.state == Thread::State::Ended)
    return "it has ended";
  if (thread.state != Thread::State::AtTeamBarrier ||
      thread.arrivals != one.arrivals)
    return fmt::format("it waits for others at {}", thread.where);
  if (thread.teamBlocks != one.teamBlocks ||
      std::strcmp(thread.where, one.where) != 0)
    return fmt::format("it waits for {} blocks at {}", thread.teamBlocks,
                       thread.where);
  return "";
}

/// The team whose block of the lowest number is `first`, if that is at the
/// team's barrier: all that count their arrivals in one place must be there.
bool Emulator::releaseTeam(int64_t first) {
  const Thread &one = threadOf(first, 0);
  int64_t end = first + one.teamBlocks;
  for (int64_t i = first; i < end; ++i) {
    std::string other = missesTeam(i, one);
    if (other.empty())
      continue;
    problem = fmt::format(
        "divergent barriers of a team: block {} waits for {} blocks at {}, but "
        "of block {}: {}: expected all blocks of a team to come to the same "
        "barriers",
        first, one.teamBlocks, one.where, i, other);
    return false;
  }
  uint32_t epoch = ++lastEpoch;
  for (int64_t i = first; i < end; ++i) {
    Block &block = *allBlocks[i];
    block.epoch = block.teamEpoch = epoch;
    block.teamBegin = static_cast<uint32_t>(first);
    block.teamEnd = static_cast<uint32_t>(end);
    for (int64_t thread = 0; thread < grid.threads; ++thread)
      threadOf(i, thread).state = Thread::State::Ready;
  }
  return true;
}

/// The same for all blocks; each is at the grid's barrier or has ended.
bool Emulator::releaseGrid() {
  int64_t waiting = -1, ended = -1;
  for (int64_t i = 0; i < grid.blocks; ++i) {
    Thread &thread = threadOf(i, 0);
    (thread.state == Thread::State::Ended ? ended : waiting) = i;
  }
  if (waiting < 0)
    return false;
  const char *where = threadOf(waiting, 0).where;
  if (ended >= 0) {
    problem = fmt::format(
        "a deadlock: block {} waits for the grid at {}, but block {} has "
        "ended: expected all blocks to come to the same barriers",
        waiting, where, ended);
    return false;
  }
  for (int64_t i = 0; i < grid.blocks; ++i) {
    if (std::strcmp(threadOf(i, 0).where, where) == 0)
      continue;
    problem = fmt::format(
        "divergent barriers of the grid: block {} waits at {}, block {} at "
        "{}: expected all blocks to come to the same barriers",
        i, threadOf(i, 0).where, waiting, where);
    return false;
  }
  gridEpoch = ++lastEpoch;
  for (int64_t i = 0; i < grid.blocks; ++i)
    allBlocks[i]->epoch = gridEpoch;
  for (int64_t i = 0; i < grid.blocks * grid.threads; ++i)
    fibers[i]->state = Thread::State::Ready;
  return true;
}

/// All threads of a block must have ended or be at one barrier.
void Emulator::checkSameBarrier(int64_t number) {
  const Thread &first = threadOf(number, 0);
  auto doing = [](const Thread &thread) {
    if (thread.state == Thread::State::Ended)
      return std::string("has ended");
    return fmt::format("waits for the {} at {}",
                       thread.state == Thread::State::AtBarrier       ? "block"
                       : thread.state == Thread::State::AtTeamBarrier ? "team"
                                                                      : "grid",
                       thread.where);
  };
  for (int64_t i = 1; i < grid.threads; ++i) {
    const Thread &thread = threadOf(number, i);
    if (thread.state == first.state &&
        (thread.state == Thread::State::Ended || thread.where == first.where ||
         std::strcmp(thread.where, first.where) == 0))
      continue;
    problem = fmt::format(
        "divergent barriers: {} {}, but {} {}: expected all threads of a "
        "block to come to the same barriers",
        describe(number, 0), doing(first), describe(number, i), doing(thread));
    return;
  }
}

//===----------------------------------------------------------------------===//
// What threads ask for and tell
//===----------------------------------------------------------------------===//

std::byte *Emulator::shared() { return allBlocks[blockNumber]->shared.data(); }

void Emulator::barrier(const char *where) {
  wait(Thread::State::AtBarrier, where);
}

void Emulator::gridBarrier(const char *where) {
  wait(Thread::State::AtGridBarrier, where);
}

void Emulator::teamBarrier(const void *arrivals, int64_t blocks,
                           const char *where) {
  Thread &thread = threadOf(blockNumber, threadNumber);
  thread.arrivals = arrivals;
  thread.teamBlocks = blocks;
  wait(Thread::State::AtTeamBarrier, where);
}

void Emulator::multiply(float *registers, int64_t depth, const char *where) {
  Thread &thread = threadOf(blockNumber, threadNumber);
  thread.registers = registers;
  thread.depth = depth;
  wait(Thread::State::AtProduct, where);
}

/// Says what is wrong and leaves the thread where it is, for good: exceptions
/// cannot pass through generated code.
void Emulator::failThread(const std::string &what) {
  problem = what;
  threadOf(blockNumber, threadNumber).fiber.suspend();
  __builtin_unreachable();
}

bool Emulator::find(const void *address, int64_t bytes, Place &place) {
  const std::byte *at = static_cast<const std::byte *>(address);
  auto within = [&](const std::byte *data, int64_t size) {
    // Unsigned, so that what lies before the beginning is far behind the end.
    uint64_t offset =
        reinterpret_cast<uintptr_t>(at) - reinterpret_cast<uintptr_t>(data);
    return size >= bytes && offset <= static_cast<uint64_t>(size - bytes);
  };
  Block &block = *allBlocks[blockNumber];
  if (within(block.shared.data(), grid.sharedBytes)) {
    place = {&block.shadow, at - block.shared.data(), "shared memory", true,
             false,         0};
    return true;
  }
  for (size_t i = 0; i < memory.size(); ++i) {
    size_t index = (lastFound + i) % memory.size();
    const GlobalMemory &buffer = memory[index];
    const std::byte *part = buffer.partOf(replicaNumber);
    if (!within(part, buffer.bytes))
      continue;
    lastFound = index;
    place = {shadows[index], at - buffer.data,   buffer.name.c_str(),
             buffer.scratch, buffer.common, part - buffer.data};
    return true;
  }
  place = {};
  return threadOf(blockNumber, threadNumber).fiber.owns(address);
}

void Emulator::checkAlignment(const void *address, int64_t bytes,
                              int64_t alignment, const char *what,
                              const char *where) {
  uint64_t beyond =
      reinterpret_cast<uintptr_t>(address) % static_cast<uint64_t>(alignment);
  if (beyond == 0)
    return;
  failThread(fmt::format(
      "{} {} {} bytes at {}, {} byte{} behind a multiple of {}: expected one",
      describe(blockNumber, threadNumber), what, bytes, where, beyond,
      beyond == 1 ? "" : "s", alignment));
}

uint32_t Emulator::numberOf(const char *where) {
  if (where == lastWhere && !wheres.empty())
    return lastWhereNumber;
  auto [entry, isNew] =
      whereNumbers.try_emplace(where, static_cast<uint32_t>(wheres.size()));
  if (isNew)
    wheres.push_back(where);
  lastWhere = where;
  return lastWhereNumber = entry->second;
}

CurrentAccess Emulator::now(const Place &place, const char *where) {
  uint32_t thread = static_cast<uint32_t>(
      blockNumber << AccessStamp::threadBits | threadNumber);
  const Block &block = *allBlocks[blockNumber];
  return {{thread, block.epoch, numberOf(where)},
          gridEpoch,
          block.teamEpoch,
          block.teamBegin,
          block.teamEnd,
          place.scratch ? launchEpoch : 0};
}

void Emulator::read(const void *address, int64_t bytes, int64_t alignment,
                    const char *where) {
  Place place;
  if (!find(address, bytes, place))
    failOutside(address, bytes, "reads", where);
  checkAlignment(address, bytes, alignment, "reads", where);
  if (!place.shadow)
    return;
  AccessConflict conflict =
      place.shadow->read(place.offset, bytes, now(place, where));
  if (conflict.kind != AccessConflict::Kind::None)
    failConflict(conflict, place, "reads", where);
}

void Emulator::write(const void *address, int64_t bytes, int64_t alignment,
                     const char *where) {
  Place place;
  if (!find(address, bytes, place))
    failOutside(address, bytes, "writes", where);
  checkAlignment(address, bytes, alignment, "writes", where);
  if (!place.shadow)
    return;
  if (place.readOnly)
    failThread(fmt::format("{} writes {} bytes of {} at {}, which all replicas "
                           "share: expected only reads of it",
                           describe(blockNumber, threadNumber), bytes,
                           place.name, where));
  AccessConflict conflict =
      place.shadow->write(place.offset, bytes, now(place, where));
  if (conflict.kind != AccessConflict::Kind::None)
    failConflict(conflict, place, "writes", where);
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

std::string Emulator::describe(int64_t block, int64_t thread) const {
  std::string text = fmt::format("thread {} of block {}", thread, block);
  if (grid.replicas > 1)
    text += fmt::format(" of replica {}", replicaNumber);
  return text;
}

/// "4 bytes behind the end of the images (3072 bytes)"
std::string Emulator::nearestTo(const void *address) const {
  const std::byte *at = static_cast<const std::byte *>(address);
  int64_t best = std::numeric_limits<int64_t>::max();
  std::string text = "no buffer is near";
  auto consider = [&](const std::byte *data, int64_t bytes,
                      const std::string &name) {
    int64_t before = data - at, behind = at - (data + bytes);
    int64_t distance = std::max(before, behind);
    if (distance >= best || distance > int64_t(1) << 24)
      return;
    best = distance;
    text =
        before > 0
            ? fmt::format("{} bytes before the beginning of {}", before, name)
        : behind >= 0 ? fmt::format("{} bytes behind the end of {} ({} bytes)",
                                    behind, name, bytes)
                      : fmt::format("{} bytes before the end of {} ({} bytes)",
                                    -behind, name, bytes);
  };
  for (const GlobalMemory &buffer : memory)
    for (int64_t i = 0; i < grid.replicas; ++i)
      consider(buffer.partOf(i), buffer.bytes,
               i == replicaNumber || buffer.common
                   ? buffer.name
                   : fmt::format("{} of replica {}", buffer.name, i));
  for (int64_t i = 0; i < grid.blocks; ++i)
    if (grid.sharedBytes > 0)
      consider(allBlocks[i]->shared.data(), grid.sharedBytes,
               i == blockNumber
                   ? "shared memory"
                   : fmt::format("the shared memory of block {}", i));
  return text;
}

void Emulator::failOutside(const void *address, int64_t bytes, const char *what,
                           const char *where) {
  failThread(fmt::format("{} {} {} bytes at {}, outside of all buffers: {}",
                         describe(blockNumber, threadNumber), what, bytes,
                         where, nearestTo(address)));
}

void Emulator::failConflict(const AccessConflict &conflict, const Place &place,
                            const char *what, const char *where) {
  std::string access = fmt::format("{} {} byte {} of {} at {}",
                                   describe(blockNumber, threadNumber), what,
                                   conflict.offset - place.begin, place.name,
                                   where);
  if (conflict.kind == AccessConflict::Kind::Unwritten)
    failThread(access + ", which nobody wrote since the launch: expected a "
                        "write before");
  const AccessStamp &other = conflict.other;
  uint32_t thread =
      other.thread & ((uint32_t(1) << AccessStamp::threadBits) - 1);
  failThread(fmt::format(
      "a data race: {}, and {} {} it at {}: expected a barrier of the {} "
      "between",
      access, describe(other.block(), thread),
      conflict.kind == AccessConflict::Kind::RaceWithWrite ? "wrote" : "read",
      wheres[other.where], other.block() == blockNumber ? "block" : "grid"));
}
