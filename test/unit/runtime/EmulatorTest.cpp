//===- EmulatorTest.cpp - Tests of the emulated GPU -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// Kernels written by hand: right ones, whose results are known, and one with
/// each mistake that the emulator finds. All run in several orders.

#include "runtime/device/emulated/Emulator.h"
#include "Support.h"
#include "runtime/CircuitABI.h"

#include <algorithm>
#include <numeric>

using namespace dale::runtime;
using namespace dale::runtime::test;

namespace {

//===----------------------------------------------------------------------===//
// What the kernels are written with
//===----------------------------------------------------------------------===//

int64_t thread() { return dale_emulated_thread(); }
int64_t threads() { return dale_emulated_threads(); }
int64_t block() { return dale_emulated_block(); }
int64_t blocks() { return dale_emulated_blocks(); }

template <typename T = float>
T *shared() {
  DaleBuffer memory;
  _mlir_ciface_dale_emulated_shared(&memory);
  return static_cast<T *>(memory.aligned);
}

template <typename T>
T load(const T *address, const char *where = "load") {
  dale_emulated_read(address, sizeof(T), alignof(T), where);
  return *address;
}

template <typename T>
void store(T *address, T value, const char *where = "store") {
  dale_emulated_write(address, sizeof(T), alignof(T), where);
  *address = value;
}

/// The sum of the block's shared memory, by halves.
float sumOfBlock() {
  for (int64_t half = threads() / 2; half > 0; half /= 2) {
    dale_emulated_barrier("sum");
    if (thread() < half)
      store(shared() + thread(),
            load(shared() + thread()) + load(shared() + thread() + half));
  }
  dale_emulated_barrier("sum's end");
  return load(shared());
}

class Emulated : public testing::TestWithParam<const char *> {
protected:
  Emulated() : emulator(FiberOrder::parse(GetParam(), "test")) {
    std::iota(input.begin(), input.end(), 1.0f);
  }

  void launch(std::function<void()> body) {
    emulator.launch(
        "dale_test", grid,
        {{"the input", bytesOf(input), sizeOf(input), false},
         {"the output", bytesOf(output), sizeOf(output), false},
         {"the workspace", bytesOf(workspace), sizeOf(workspace), true}},
        std::move(body));
  }

  void expectFound(std::function<void()> body, std::vector<std::string> parts) {
    parts.push_back("dale_test on the emulated GPU: ");
    parts.push_back("a fault of dale's compiler");
    expectError([&] { launch(body); }, parts);
    // The next launch is none the worse for it.
    launch([&] {
      if (block() == 0 && thread() == 0)
        store(&output[0], 5.0f);
    });
    EXPECT_EQ(output[0], 5.0f);
  }

  template <typename T>
  static std::byte *bytesOf(std::vector<T> &values) {
    return reinterpret_cast<std::byte *>(values.data());
  }
  template <typename T>
  static int64_t sizeOf(const std::vector<T> &values) {
    return static_cast<int64_t>(values.size() * sizeof(T));
  }

  Grid grid{/*blocks=*/3, /*threads=*/8, /*sharedBytes=*/64};
  std::vector<float> input = std::vector<float>(24);
  std::vector<float> output = std::vector<float>(24);
  std::vector<float> workspace = std::vector<float>(24);
  Emulator emulator;
};

INSTANTIATE_TEST_SUITE_P(Orders, Emulated,
                         testing::Values("forward", "reverse", "shuffle:1",
                                         "shuffle:2"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), ':', '_');
                           return name;
                         });

//===----------------------------------------------------------------------===//
// Right kernels
//===----------------------------------------------------------------------===//

TEST_P(Emulated, EveryThreadRunsOnce) {
  std::vector<int> count(24);
  launch([&] {
    EXPECT_EQ(threads(), 8);
    EXPECT_EQ(blocks(), 3);
    ++count[block() * 8 + thread()];
  });
  EXPECT_EQ(count, std::vector<int>(24, 1));
}

TEST_P(Emulated, SumsABlockInSharedMemory) {
  for (int repeat = 0; repeat < 2; ++repeat) {
    launch([&] {
      int64_t place = block() * threads() + thread();
      store(shared() + thread(), load(&input[place]));
      float sum = sumOfBlock();
      store(&output[place], sum);
    });
    for (int64_t i = 0; i < 24; ++i)
      EXPECT_EQ(output[i], 36 + 64 * float(i / 8));
  }
}

// Each block's sum goes through the workspace to all blocks.
TEST_P(Emulated, SumsTheGridThroughGlobalMemory) {
  launch([&] {
    int64_t place = block() * threads() + thread();
    for (int round = 0; round < 3; ++round) {
      store(shared() + thread(), load(&input[place]));
      float sum = sumOfBlock();
      if (thread() == 0)
        store(&workspace[block()], sum);
      dale_emulated_grid_barrier("exchange");
      float total = 0;
      for (int64_t i = 0; i < blocks(); ++i)
        total += load(&workspace[i]);
      store(&output[place], total);
      dale_emulated_grid_barrier("next round");
    }
  });
  for (float value : output)
    EXPECT_EQ(value, 300);
}

// Blocks 0 and 1 are a team, and so are 2 and 3. Each goes its own way as often
// as it likes; then all of them meet.
TEST_P(Emulated, TeamsOfBlocksWaitForThemselves) {
  grid.blocks = 4;
  std::vector<int32_t> arrivals(2);
  output.resize(32);
  launch([&] {
    int64_t team = block() / 2, member = block() % 2;
    for (int round = 0; round < 1 + 2 * team; ++round) {
      if (thread() == 0)
        store(&workspace[block()], float(10 * block() + round));
      dale_emulated_team_barrier(&arrivals[team], 2, "exchange");
      float other = load(&workspace[2 * team + 1 - member]);
      EXPECT_EQ(other, 10 * (2 * team + 1 - member) + round);
      dale_emulated_team_barrier(&arrivals[team], 2, "next round");
    }
    dale_emulated_grid_barrier("all");
    store(&output[block() * threads() + thread()],
          load(&workspace[3 - block()]));
  });
  for (int64_t i = 0; i < 32; ++i) {
    int64_t from = 3 - i / 8;
    EXPECT_EQ(output[i], 10 * from + (from < 2 ? 0 : 2));
  }
}

// Neighbouring bytes, halves and words are different places.
TEST_P(Emulated, SmallAccessesSideBySideDoNotRace) {
  launch([&] {
    auto *bytes = reinterpret_cast<uint8_t *>(output.data());
    int64_t place = block() * threads() + thread();
    store(bytes + place, static_cast<uint8_t>(place));
    store(shared<uint16_t>() + thread(), uint16_t(7));
    EXPECT_EQ(load(bytes + place), place);
    dale_emulated_grid_barrier("all written");
    // A word of what four threads wrote.
    if (place < 6) {
      uint32_t expected =
          static_cast<uint32_t>(4 * place | (4 * place + 1) << 8 |
                                (4 * place + 2) << 16 | (4 * place + 3) << 24);
      EXPECT_EQ(load(reinterpret_cast<uint32_t *>(bytes) + place), expected);
    }
  });
}

TEST_P(Emulated, OwnVariablesNeedNoBuffer) {
  EXPECT_NO_THROW(launch([&] {
    volatile float own[4] = {1, 2, 3, 4};
    dale_emulated_write(const_cast<float *>(&own[2]), 4, 4, "own");
    dale_emulated_read(const_cast<float *>(&own[2]), 4, 4, "own");
  }));
}

TEST_P(Emulated, AllMayReadWhatNobodyWrites) {
  EXPECT_NO_THROW(launch([&] {
    for (float &value : input)
      load(&value);
  }));
}

/// What a lane holds, in the words of the PTX ISA, for 8 terms in TF32 and for
/// 16 in BF16: element `i` of A is in this row and column; so for B and C.
struct LaneElements {
  int64_t group, number, depth;

  std::pair<int64_t, int64_t> a(int64_t i) const {
    if (depth == 8)
      return {i == 0 || i == 2 ? group : group + 8,
              i == 0 || i == 1 ? number : number + 4};
    return {i < 2 || (i >= 4 && i < 6) ? group : group + 8,
            i < 4 ? number * 2 + (i & 1) : number * 2 + (i & 1) + 8};
  }
  std::pair<int64_t, int64_t> b(int64_t i) const {
    if (depth == 8)
      return {i == 0 ? number : number + 4, group};
    return {i < 2 ? number * 2 + (i & 1) : number * 2 + (i & 1) + 8, group};
  }
  std::pair<int64_t, int64_t> c(int64_t i) const {
    return {i < 2 ? group : group + 8, number * 2 + (i & 1)};
  }
};

TEST_P(Emulated, MultipliesMatricesByWarps) {
  grid = {2, 64, 0};
  for (int64_t depth : {8, 16}) {
    // Exact in both precisions, but for bits that are not looked at.
    auto a = [](int64_t row, int64_t term) { return float(row - 2 * term); };
    auto b = [](int64_t term, int64_t column) {
      return float(term * term % 7 - column);
    };
    float unseen = depth == 8 ? 1 + 0x1p-11f : 1 + 0x1p-8f;
    int64_t checked = 0;
    launch([&] {
      int64_t lane = thread() % 32, warp = block() * 2 + thread() / 32;
      LaneElements elements{lane / 4, lane % 4, depth};
      std::vector<float> registers;
      for (int64_t i = 0; i < depth / 2; ++i) {
        auto [row, term] = elements.a(i);
        registers.push_back(a(row, term) * unseen);
      }
      for (int64_t i = 0; i < depth / 4; ++i) {
        auto [term, column] = elements.b(i);
        registers.push_back(b(term, column));
      }
      registers.resize(registers.size() + 4, float(warp));
      dale_emulated_multiply(registers.data(), depth, "product");
      for (int64_t i = 0; i < 4; ++i, ++checked) {
        auto [row, column] = elements.c(i);
        float expected = float(warp);
        for (int64_t term = 0; term < depth; ++term)
          expected += a(row, term) * b(term, column);
        EXPECT_EQ(*(registers.end() - 4 + i), expected);
      }
    });
    EXPECT_EQ(checked, 2 * 64 * 4);
  }
}

TEST_P(Emulated, GridsOfOtherSizesFollow) {
  for (auto [blockCount, threadCount] :
       {std::pair<int64_t, int64_t>(1, 1), {5, 16}, {2, 64}, {1, 1024}}) {
    grid = {blockCount, threadCount, 4096};
    int64_t count = 0;
    launch([&] {
      store(shared() + thread(), 1.0f);
      EXPECT_EQ(sumOfBlock(), threadCount);
      ++count;
    });
    EXPECT_EQ(count, blockCount * threadCount);
  }
}

//===----------------------------------------------------------------------===//
// Accesses outside of buffers
//===----------------------------------------------------------------------===//

TEST_P(Emulated, FindsAReadBehindABuffer) {
  expectFound(
      [&] {
        if (block() == 1 && thread() == 2)
          load(input.data() + 24, "conv");
      },
      {"thread 2 of block 1 reads 4 bytes at conv, outside of all buffers",
       "0 bytes behind the end of the input (96 bytes)"});
}

TEST_P(Emulated, FindsAReadThatIsPartlyBehind) {
  expectFound([&] { dale_emulated_read(input.data() + 22, 16, 4, "vector"); },
              {"reads 16 bytes at vector",
               "8 bytes before the end of the input (96 bytes)"});
}

TEST_P(Emulated, FindsAnAccessThatIsNotAligned) {
  expectFound(
      [&] {
        dale_emulated_read(input.data() + 4, 16, 16, "aligned");
        dale_emulated_read(input.data() + 5, 16, 16, "vector");
      },
      {"reads 16 bytes at vector, 4 bytes behind a multiple of 16"});
  expectFound(
      [&] {
        if (block() == 1 && thread() == 3)
          dale_emulated_write(bytesOf(output) + 2, 4, 4, "word");
      },
      {"thread 3 of block 1 writes 4 bytes at word, 2 bytes behind a multiple "
       "of 4"});
}

TEST_P(Emulated, FindsAWriteBeforeABuffer) {
  // A buffer that has nothing before it, for the message to name it.
  std::vector<float> lonely(1 << 20);
  expectError(
      [&] {
        emulator.launch(
            "dale_test", grid,
            {{"the lonely", bytesOf(lonely) + (2 << 20), 64, false}}, [&] {
              if (block() == 0 && thread() == 0)
                store(reinterpret_cast<float *>(bytesOf(lonely) + (2 << 20)) -
                          1,
                      1.0f, "bias");
            });
      },
      {"writes 4 bytes at bias", "4 bytes before the beginning of the lonely"});
}

TEST_P(Emulated, FindsAnAccessBehindSharedMemory) {
  expectFound([&] { store(shared() + 16, 1.0f, "tile"); },
              {"writes 4 bytes at tile, outside of all buffers"});
}

TEST_P(Emulated, FindsAnAccessToAnotherBlocksSharedMemory) {
  float *first = nullptr;
  launch([&] {
    if (block() == 0)
      first = shared();
  });
  expectFound(
      [&] {
        if (block() == 1)
          load(first, "peek");
      },
      {"of block 1 reads 4 bytes at peek",
       "64 bytes before the end of the shared memory of block 0"});
}

TEST_P(Emulated, FindsANullPointer) {
  expectFound([&] { load(static_cast<float *>(nullptr), "null"); },
              {"reads 4 bytes at null", "no buffer is near"});
}

//===----------------------------------------------------------------------===//
// Replicas
//===----------------------------------------------------------------------===//

/// Two of one block of eight threads; each has its half of the output.
class EmulatedReplicas : public Emulated {
protected:
  EmulatedReplicas() {
    grid = {/*blocks=*/1, /*threads=*/8, /*sharedBytes=*/64, /*replicas=*/2};
  }

  void launchReplicas(std::function<void()> body) {
    emulator.launch("dale_test", grid,
                    {{"the input", bytesOf(input), sizeOf(input), false,
                      /*stride=*/0, /*common=*/true},
                     {"the output", bytesOf(output), 40, false, /*stride=*/48}},
                    std::move(body));
  }

  float *outputOf(int64_t replica) { return output.data() + 12 * replica; }

  void expectRefused(std::function<void()> body,
                     std::vector<std::string> parts) {
    expectError([&] { launchReplicas(body); }, parts);
  }
};

INSTANTIATE_TEST_SUITE_P(Orders, EmulatedReplicas,
                         testing::Values("forward", "reverse"));

TEST_P(EmulatedReplicas, EachHasItsBlocksAndItsPart) {
  std::vector<int> count(2);
  launchReplicas([&] {
    EXPECT_EQ(blocks(), 1);
    EXPECT_EQ(block(), 0);
    int64_t replica = dale_emulated_replica();
    ++count[replica];
    store(shared() + thread(), load(&input[thread()]));
    float sum = sumOfBlock();
    dale_emulated_grid_barrier("all here");
    store(outputOf(replica) + thread(), sum + static_cast<float>(replica));
  });
  EXPECT_EQ(count, (std::vector<int>{8, 8}));
  EXPECT_EQ(output[7], 36);
  EXPECT_EQ(output[8], 0);
  EXPECT_EQ(output[12 + 7], 37);
}

TEST_P(EmulatedReplicas, FindsAnAccessToAnothersPart) {
  expectRefused(
      [&] {
        if (dale_emulated_replica() == 1)
          load(outputOf(0), "peek");
      },
      {"of block 0 of replica 1 reads 4 bytes at peek, outside of all buffers",
       "40 bytes before the end of the output of replica 0 (40 bytes)"});
  expectRefused([&] { store(outputOf(0) + 12 + thread(), 1.0f, "spill"); },
                {"of replica 0 writes 4 bytes at spill, outside of all",
                 "before the end of the output of replica 1"});
}

// Parts are padded; what lies between them is nobody's.
TEST_P(EmulatedReplicas, FindsAnAccessBetweenParts) {
  expectRefused([&] { load(outputOf(0) + 11, "padding"); },
                {"reads 4 bytes at padding, outside of all buffers"});
}

TEST_P(EmulatedReplicas, FindsAWriteOfWhatAllShare) {
  expectRefused([&] { store(&input[thread()], 1.0f, "update"); },
                {"writes 4 bytes of the input at update, which all replicas "
                 "share"});
}

TEST_P(EmulatedReplicas, FindsARaceWithinOne) {
  expectRefused(
      [&] {
        if (dale_emulated_replica() == 1)
          store(outputOf(1) + 2, 1.0f, "total");
      },
      {"a data race", "of block 0 of replica 1 writes byte 8 of the output at "
                      "total"});
}

// What the first has left in shared memory is nothing to the second.
TEST_P(EmulatedReplicas, FindsAReadOfWhatAnotherLeft) {
  expectRefused(
      [&] {
        if (dale_emulated_replica() == 0)
          store(shared() + thread(), 1.0f);
        else
          load(shared() + thread(), "stale");
      },
      {"of replica 1 reads byte", "of shared memory at stale, which nobody "
                                  "wrote since the launch"});
}

//===----------------------------------------------------------------------===//
// Races
//===----------------------------------------------------------------------===//

TEST_P(Emulated, FindsAMissingBarrierOfABlock) {
  expectFound(
      [&] {
        store(shared() + thread(), 1.0f, "fill");
        load(shared() + (thread() + 1) % threads(), "neighbour");
      },
      // One of the two, by the order: the reader of what was written, of which
      // the first that runs reads what nobody wrote.
      {"shared memory at neighbour"});
}

TEST_P(Emulated, FindsAReadOfWhatAnotherThreadWrites) {
  expectFound(
      [&] {
        store(shared() + thread(), 1.0f, "fill");
        dale_emulated_barrier("full");
        if (thread() == 3)
          store(shared() + 5, 2.0f, "change");
        if (thread() == 6)
          load(shared() + 5, "use");
      },
      {"a data race", "thread 3 of block", "thread 6 of block", "at change",
       "at use", "byte 20 of shared memory",
       "expected a barrier of the block between"});
}

TEST_P(Emulated, FindsTwoWritersOfABlock) {
  expectFound(
      [&] {
        if (thread() == 1 || thread() == 4)
          store(&output[block()], 1.0f, "result");
      },
      {"a data race", "writes byte", "the output at result",
       "wrote it at "
       "result",
       "barrier of the block"});
}

TEST_P(Emulated, FindsAWriteAfterOthersHaveRead) {
  expectFound(
      [&] {
        if (thread() == 0)
          store(shared(), 1.0f, "first");
        dale_emulated_barrier("one");
        load(shared(), "all");
        // All have read it: any but the one that reads alone races.
        if (thread() == 7)
          store(shared(), 2.0f, "second");
      },
      {"a data race", "at second", "at all"});
}

TEST_P(Emulated, FindsAMissingBarrierOfTheGrid) {
  expectFound(
      [&] {
        if (thread() == 0)
          store(&workspace[block()], 1.0f, "partial");
        dale_emulated_barrier("not enough");
        if (block() == 2 && thread() == 5)
          load(&workspace[1], "total");
        if (block() == 2)
          return;
      },
      {"the workspace at total"});
}

// The barriers of a block do not order it with others.
TEST_P(Emulated, FindsBlocksThatReadAndWrite) {
  expectFound(
      [&] {
        if (block() == 0 && thread() == 4)
          load(&output[8], "before");
        dale_emulated_barrier("one");
        // A later read of the same block must not hide the first.
        if (block() == 0 && thread() == 5)
          load(&output[8], "again");
        dale_emulated_barrier("two");
        if (block() == 2 && thread() == 1)
          store(&output[8], 1.0f, "elsewhere");
      },
      {"a data race", "byte 32 of the output", "at elsewhere",
       "thread 1 of block 2", "of block 0", "barrier of the grid between"});
}

TEST_P(Emulated, FindsTwoBlocksThatWriteTheSame) {
  expectFound(
      [&] {
        if (thread() == 0 && block() < 2)
          store(&output[3], 1.0f, "sum");
      },
      {"a data race", "byte 12 of the output", "thread 0 of block 0",
       "thread 0 of block 1", "barrier of the grid"});
}

// A byte of another thread's word.
TEST_P(Emulated, FindsRacesOfDifferentSizes) {
  expectFound(
      [&] {
        auto *bytes = reinterpret_cast<uint8_t *>(output.data());
        if (block() == 0 && thread() == 0)
          store(bytes + 6, uint8_t(1), "byte");
        if (block() == 0 && thread() == 1)
          store(&output[1], 1.0f, "word");
      },
      {"a data race", "byte 6 of the output", "at byte", "at word"});
  expectFound(
      [&] {
        if (block() == 0 && thread() == 0)
          dale_emulated_write(output.data(), 32, 4, "vector");
        if (block() == 0 && thread() == 1)
          store(&output[7], 1.0f, "word");
      },
      {"a data race", "byte 28 of the output", "at vector", "at word"});
}

//===----------------------------------------------------------------------===//
// Reads of what was not written
//===----------------------------------------------------------------------===//

TEST_P(Emulated, FindsAReadOfSharedMemoryThatNobodyWrote) {
  launch([&] {
    if (thread() == 0)
      for (int i = 0; i < 16; ++i)
        store(shared() + i, 1.0f);
  });
  // What an earlier launch left there does not count.
  expectFound(
      [&] {
        if (thread() > 0)
          store(shared() + thread(), 1.0f);
        dale_emulated_barrier("full");
        if (thread() == 4)
          load(shared(), "hole");
      },
      {"thread 4 of block", "reads byte 0 of shared memory at hole",
       "nobody wrote since the launch"});
}

TEST_P(Emulated, FindsAReadOfTheWorkspaceThatNobodyWrote) {
  launch([&] {
    if (block() == 0 && thread() == 0)
      store(&workspace[9], 1.0f);
  });
  expectFound([&] { load(&workspace[9], "stale"); },
              {"reads byte 36 of the workspace at stale",
               "nobody wrote since the launch"});
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

TEST_P(Emulated, FindsAThreadThatEndsBeforeABarrier) {
  expectFound(
      [&] {
        if (thread() != 3)
          dale_emulated_barrier("tail");
      },
      {"divergent barriers: thread 0 of block", "waits for the block at tail",
       "but thread 3 of block", "has ended"});
}

TEST_P(Emulated, FindsThreadsAtDifferentBarriers) {
  expectFound(
      [&] {
        if (thread() < 6)
          dale_emulated_barrier("left");
        else
          dale_emulated_barrier("right");
      },
      {"divergent barriers", "thread 0 of block", "waits for the block at left",
       "thread 6 of block", "waits for the block at right"});
}

TEST_P(Emulated, FindsADivergentWarp) {
  grid.threads = 64;
  std::vector<float> registers(10);
  expectFound(
      [&] {
        if (thread() == 40)
          dale_emulated_barrier("elsewhere");
        dale_emulated_multiply(registers.data(), 8, "product");
      },
      {"a divergent warp: ", "multiplies matrices at product",
       "thread 40 of block", "is at elsewhere",
       "expected all threads of a warp to come to the same instruction"});
}

TEST_P(Emulated, FindsAWarpThatIsNotWhole) {
  grid.threads = 40;
  std::vector<float> registers(10);
  expectFound(
      [&] {
        if (thread() >= 32)
          dale_emulated_multiply(registers.data(), 8, "product");
      },
      {"a product of matrices by 8 threads, at product",
       "expected a whole warp of 32"});
}

TEST_P(Emulated, FindsBarriersOfDifferentKinds) {
  expectFound(
      [&] {
        if (thread() == 7)
          dale_emulated_grid_barrier("stage");
        else
          dale_emulated_barrier("stage");
      },
      {"divergent barriers", "waits for the block at stage",
       "thread 7 of block", "waits for the grid at stage"});
}

// What one team has waited for another has not.
TEST_P(Emulated, FindsARaceBetweenTeams) {
  grid.blocks = 4;
  std::vector<int32_t> arrivals(2);
  expectFound(
      [&] {
        int64_t team = block() / 2;
        if (block() == 0 && thread() == 3)
          store(&output[0], 1.0f, "made");
        dale_emulated_team_barrier(&arrivals[team], 2, "wait");
        if (block() == 3 && thread() == 0)
          load(&output[0], "used");
      },
      {"a data race: ", "of block 3", "of block 0",
       "expected a barrier of the grid between"});
}

TEST_P(Emulated, FindsARaceWithinATeam) {
  grid.blocks = 2;
  int32_t arrivals = 0;
  expectFound(
      [&] {
        dale_emulated_team_barrier(&arrivals, 2, "wait");
        if (block() == 0 && thread() == 3)
          store(&output[0], 1.0f, "made");
        dale_emulated_barrier("only the block's");
        if (block() == 1 && thread() == 0)
          load(&output[0], "used");
      },
      {"a data race: ", "of block 1", "of block 0",
       "expected a barrier of the grid between"});
}

// Two readers from before a barrier of the team are no reason to forget a third
// one from behind it.
TEST_P(Emulated, FindsAWriteThatRacesWithALateReadOfItsTeam) {
  grid.blocks = 4;
  int32_t arrivals = 0;
  expectFound(
      [&] {
        if (block() < 2 && thread() == 0)
          load(&input[0], "early");
        dale_emulated_team_barrier(&arrivals, 4, "wait");
        if (block() == 2 && thread() == 5)
          load(&input[0], "late");
        if (block() == 3 && thread() == 6)
          store(&input[0], 1.0f, "written");
      },
      {"a data race: ", "block 2", "late", "block 3", "written"});
}

TEST_P(Emulated, FindsBlocksOfATeamAtDifferentBarriers) {
  grid.blocks = 2;
  int32_t arrivals = 0;
  expectFound(
      [&] {
        if (block() == 0)
          dale_emulated_team_barrier(&arrivals, 2, "left");
        else
          dale_emulated_team_barrier(&arrivals, 2, "right");
      },
      {"divergent barriers of a team: block 0 waits for 2 blocks at left",
       "of block 1: it waits for 2 blocks at right"});
  expectFound(
      [&] {
        if (block() == 0)
          dale_emulated_team_barrier(&arrivals, 2, "left");
      },
      {"divergent barriers of a team", "of block 1: it has ended"});
  expectFound(
      [&] {
        if (block() == 0)
          dale_emulated_team_barrier(&arrivals, 2, "left");
        else
          dale_emulated_grid_barrier("stage");
      },
      {"divergent barriers of a team",
       "of block 1: it waits for others at stage"});
  expectFound(
      [&] { dale_emulated_team_barrier(&arrivals, 3, "left"); },
      {"divergent barriers of a team", "of block 2: there is no such block"});
}

TEST_P(Emulated, FindsABlockThatEndsBeforeABarrierOfTheGrid) {
  expectFound(
      [&] {
        if (block() != 1)
          dale_emulated_grid_barrier("stage");
      },
      {"a deadlock", "waits for the grid at stage", "but block 1 has ended"});
}

TEST_P(Emulated, FindsBlocksAtDifferentBarriersOfTheGrid) {
  expectFound(
      [&] {
        if (block() == 1)
          dale_emulated_grid_barrier("stage 1");
        else
          dale_emulated_grid_barrier("stage 2");
      },
      {"divergent barriers of the grid", "block 1 ", "stage 1", "stage 2"});
}

//===----------------------------------------------------------------------===//
// The rest
//===----------------------------------------------------------------------===//

TEST_P(Emulated, TellsWhatGeneratedCodeFinds) {
  expectFound([&] { dale_emulated_fail("index 9 of 'v1.P' is not below 8"); },
              {"index 9 of 'v1.P' is not below 8"});
}

TEST(FiberOrder, IsNamed) {
  EXPECT_EQ(FiberOrder::parse("", "X").kind, FiberOrder::Kind::Forward);
  EXPECT_EQ(FiberOrder::parse("reverse", "X").kind, FiberOrder::Kind::Reverse);
  EXPECT_EQ(FiberOrder::parse("shuffle:42", "X").seed, 42u);
  for (const char *text : {"sideways", "shuffle:", "shuffle:x", "shuffle:1x"})
    expectError([&] { FiberOrder::parse(text, "DALE_EMULATED_ORDER"); },
                {std::string("DALE_EMULATED_ORDER=") + text + ": expected"});
}

TEST(Emulator, RefusesGridsThatNoGpuHas) {
  Emulator emulator;
  expectError(
      [&] {
        emulator.launch("dale_test", {1, 2048, 0}, {}, [] {});
      },
      {"1 blocks of 2048 threads", "1 to 1024 threads"});
}

} // namespace
