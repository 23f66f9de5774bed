//===- Emulator.h - A grid of threads on one CPU -------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs a kernel as a GPU does, every thread of every block on a fiber, and
/// checks what a GPU does not: that each access is within a buffer or the
/// block's shared memory and as aligned as the code says, that barriers stand
/// between what one thread writes and another one reads or writes, that all
/// threads come to the same barriers, and that nothing is read from scratch
/// memory that was not written.
///
/// Replicas share nothing that any of them may write, and so run one after the
/// other: an access to what is another one's is outside of all buffers.
///
/// Whether two accesses race is decided by the barriers between them, not by
/// the order in which they happen here. The order can be chosen all the same:
/// what slips through the checks may show in the results.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_EMULATED_EMULATOR_H
#define DALE_RUNTIME_DEVICE_EMULATED_EMULATOR_H

#include "runtime/device/Buffer.h"
#include "runtime/device/emulated/Fiber.h"
#include "runtime/device/emulated/Shadow.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

namespace dale::runtime {

/// In which order the blocks, and the threads of a block, run between barriers.
struct FiberOrder {
  enum class Kind { Forward, Reverse, Shuffled };
  Kind kind = Kind::Forward;
  uint32_t seed = 0;

  /// "forward", "reverse", "shuffle" or "shuffle:SEED". Throws if `text` is
  /// nothing of that; `source` is where it comes from.
  static FiberOrder parse(const std::string &text, const std::string &source);
};

/// Memory that all blocks of a replica may touch during a launch.
struct GlobalMemory {
  /// For messages: "the parameters".
  std::string name;
  /// Of the first replica.
  std::byte *data = nullptr;
  /// Of each.
  int64_t bytes = 0;
  /// Only what the launch itself wrote may be read.
  bool scratch = false;
  /// From one replica's part to the next.
  int64_t stride = 0;
  /// All replicas read the same, and none may write it; the stride is 0.
  bool common = false;

  std::byte *partOf(int64_t replica) const { return data + replica * stride; }
};

/// How many threads run a kernel.
struct Grid {
  int64_t blocks = 1;
  int64_t threads = 1;
  /// Bytes a block.
  int64_t sharedBytes = 0;
  /// Each has so many blocks.
  int64_t replicas = 1;
};

class Emulator {
public:
  explicit Emulator(FiberOrder order = {});
  ~Emulator();

  /// Calls `body` once for each thread. Throws if the checks find something;
  /// what the memory holds is then undefined.
  void launch(const std::string &kernel, const Grid &grid,
              std::vector<GlobalMemory> memory, std::function<void()> body);

  /// \name What the running thread asks for and tells
  /// @{
  static Emulator *current();
  int64_t thread() const { return threadNumber; }
  int64_t threads() const { return grid.threads; }
  int64_t block() const { return blockNumber; }
  int64_t blocks() const { return grid.blocks; }
  int64_t replica() const { return replicaNumber; }
  std::byte *shared();
  int64_t sharedBytes() const { return grid.sharedBytes; }
  void barrier(const char *where);
  void gridBarrier(const char *where);
  void teamBarrier(const void *arrivals, int64_t blocks, const char *where);
  /// A matrix instruction of this thread's warp: see multiplyTile().
  void multiply(float *registers, int64_t depth, const char *where);
  void read(const void *address, int64_t bytes, int64_t alignment,
            const char *where);
  void write(const void *address, int64_t bytes, int64_t alignment,
             const char *where);
  [[noreturn]] void failThread(const std::string &what);
  /// @}

private:
  struct Thread {
    enum class State {
      Ready,
      AtProduct,
      AtBarrier,
      AtTeamBarrier,
      AtGridBarrier,
      Ended
    };
    Fiber fiber;
    State state = State::Ready;
    const char *where = nullptr;
    /// What it gives to a product.
    float *registers = nullptr;
    int64_t depth = 0;
    /// The barrier that it is at, if that is a team's.
    const void *arrivals = nullptr;
    int64_t teamBlocks = 0;
  };
  struct Block {
    uint32_t epoch = 0;
    /// When its team waited last, and the numbers of that team's blocks.
    uint32_t teamEpoch = 0, teamBegin = 0, teamEnd = 0;
    Buffer shared;
    Shadow shadow;
    /// Of its threads, for the barrier that they are at.
    std::vector<uint32_t> order;
  };
  struct Place {
    Shadow *shadow = nullptr;
    int64_t offset = 0;
    const char *name = nullptr;
    bool scratch = false;
    bool readOnly = false;
    /// Where the replica's part begins in the shadow.
    int64_t begin = 0;
  };

  void begin();
  void beginReplica(int64_t replica);
  void run();
  void runBlock(int64_t block);
  void runThread(Thread &thread);
  bool releaseWarps(int64_t block);
  bool releaseBlock(int64_t block);
  bool releaseTeams();
  bool releaseTeam(int64_t first);
  std::string missesTeam(int64_t block, const Thread &one);
  bool releaseGrid();
  void wait(Thread::State state, const char *where);
  void arrange(std::vector<uint32_t> &order, int64_t count);
  static void enter(void *emulator);

  Thread &threadOf(int64_t block, int64_t thread) {
    return *fibers[static_cast<size_t>(block * grid.threads + thread)];
  }
  bool find(const void *address, int64_t bytes, Place &place);
  CurrentAccess now(const Place &place, const char *where);
  uint32_t numberOf(const char *where);
  void checkAlignment(const void *address, int64_t bytes, int64_t alignment,
                      const char *what, const char *where);
  [[noreturn]] void failOutside(const void *address, int64_t bytes,
                                const char *what, const char *where);
  [[noreturn]] void failConflict(const AccessConflict &conflict,
                                 const Place &place, const char *what,
                                 const char *where);
  std::string nearestTo(const void *address) const;
  std::string describe(int64_t block, int64_t thread) const;
  void checkSameProduct(int64_t block, int64_t first);
  void checkSameBarrier(int64_t block);

  FiberOrder order;
  std::mt19937 generator;
  std::string kernel;
  std::string problem;
  Grid grid;
  std::vector<GlobalMemory> memory;
  /// In the order of `memory`.
  std::vector<Shadow *> shadows;
  /// By address: what was known about a buffer stays with it.
  std::map<const std::byte *, Shadow> allShadows;
  std::function<void()> body;
  std::vector<std::unique_ptr<Thread>> fibers;
  std::vector<std::unique_ptr<Block>> allBlocks;
  std::vector<uint32_t> blockOrder;

  /// \name The running thread
  /// @{
  int64_t threadNumber = 0;
  int64_t blockNumber = 0;
  int64_t replicaNumber = 0;
  /// @}

  uint32_t launchEpoch = 0;
  uint32_t gridEpoch = 0;
  uint32_t lastEpoch = 0;
  size_t lastFound = 0;
  std::vector<const char *> wheres;
  std::unordered_map<const char *, uint32_t> whereNumbers;
  const char *lastWhere = nullptr;
  uint32_t lastWhereNumber = 0;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_EMULATED_EMULATOR_H
