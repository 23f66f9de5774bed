//===- PtxTest.cpp - Tests of the machine that runs PTX -------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// Programs written by hand: what the PTX ISA says of their instructions, and
/// one with each mistake that the machine finds.

#include "Machine.h"
#include "Profile.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

using namespace dale::test::ptx;

namespace {

constexpr uint64_t base = uint64_t(1) << 62;

class Ptx : public testing::Test {
protected:
  /// Runs a kernel whose %rd1 is the address of `memory`, whose %r1 is the
  /// thread's number.
  void run(const std::string &body, unsigned threads = 32,
           std::array<unsigned, 2> grid = {1, 1}, bool reversed = false) {
    std::string text = ".version 8.0\n.target sm_80\n.address_size 64\n"
                       ".extern .shared .align 64 .b8 __dynamic_shmem__0[];\n" +
                       functions +
                       ".visible .entry k(\n.param .u64 .ptr .align 1 p0\n)\n"
                       ".maxntid 64\n{\n"
                       ".reg .pred %p<9>;\n.reg .b16 %rs<9>;\n"
                       ".reg .b32 %r<40>;\n.reg .b64 %rd<9>;\n"
                       "ld.param.b64 %rd1, [p0];\nmov.u32 %r1, %tid.x;\n" +
                       body + "\nret;\n}\n";
    Program program(text);
    Machine machine(program, [this](uint64_t address) -> Region {
      if (address < base || address >= base + sizeof memory)
        return {};
      return {base, base + sizeof memory,
              reinterpret_cast<std::byte *>(memory.data())};
    });
    Profile profile;
    machine.setProfile(&profile);
    machine.run(
        {program.findEntry("k"), {base}, grid, threads, sharedBytes, reversed});
    counts = profile.describe();
  }

  void expectError(const std::string &body, const std::string &part,
                   unsigned threads = 32) {
    try {
      run(body, threads);
      ADD_FAILURE() << "nothing was found";
    } catch (const PtxError &error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << error.what();
    }
  }

  /// What the last run asked of memory.
  void expectMemory(int sectors, int fewestSectors, int wavefronts,
                    int fewestWavefronts) const {
    const nlohmann::json &all = counts.at("functions").at("k");
    EXPECT_EQ(all.at("sectors"), sectors);
    EXPECT_EQ(all.at("fewest_sectors"), fewestSectors);
    EXPECT_EQ(all.at("wavefronts"), wavefronts);
    EXPECT_EQ(all.at("fewest_wavefronts"), fewestWavefronts);
  }

  /// What an instruction gives thread 0. %r2 is `a`, %r3 `b`, %r4 `c`.
  uint32_t compute(const std::string &instruction, uint32_t a, uint32_t b = 0,
                   uint32_t c = 0) {
    run(fmt::format("mov.b32 %r2, {};\nmov.b32 %r3, {};\nmov.b32 %r4, {};\n"
                    "{};\nst.b32 [%rd1], %r5;",
                    a, b, c, instruction));
    return memory[0];
  }
  float computeFloat(const std::string &instruction, float a, float b = 0,
                     float c = 0) {
    return std::bit_cast<float>(compute(instruction, std::bit_cast<uint32_t>(a),
                                        std::bit_cast<uint32_t>(b),
                                        std::bit_cast<uint32_t>(c)));
  }

  std::array<uint32_t, 1024> memory{};
  std::string functions;
  size_t sharedBytes = 64;
  /// Of the last run.
  nlohmann::json counts;
};

/// The thread's place among eight-byte words: %rd2.
const std::string place = "mul.wide.u32 %rd2, %r1, 4;\n"
                          "add.s64 %rd2, %rd1, %rd2;\n";

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

TEST_F(Ptx, Integers) {
  EXPECT_EQ(compute("mad.lo.s32 %r5, %r2, %r3, %r4", 7, 6, 5), 47U);
  EXPECT_EQ(compute("mul.hi.u32 %r5, %r2, %r3", 0x80000000, 6), 3U);
  EXPECT_EQ(compute("div.u32 %r5, %r2, %r3", 47, 6), 7U);
  EXPECT_EQ(compute("bfe.u32 %r5, %r2, 8, 4", 0xABCD), 0xBU);
  EXPECT_EQ(compute("shl.b32 %r5, %r2, 32", 1), 0U);
  EXPECT_EQ(compute("shr.u32 %r5, %r2, 31", 0x80000000), 1U);
  EXPECT_EQ(compute("xor.b32 %r5, %r2, -1", 1), 0xFFFFFFFEU);
  EXPECT_EQ(compute("mul.wide.s32 %rd3, %r2, 4;\nshr.u64 %rd3, %rd3, 32;\n"
                    "cvt.u32.u64 %r5, %rd3",
                    0xFFFFFFFF),
            0xFFFFFFFFU);
}

TEST_F(Ptx, FloatingPoint) {
  // 1 + 2^-12 squared is 1 + 2^-11 + 2^-24: a product alone loses the last.
  float a = 1 + std::ldexp(1.0f, -12);
  EXPECT_EQ(computeFloat("fma.rn.f32 %r5, %r2, %r3, %r4", a, a,
                         -1 - std::ldexp(1.0f, -11)),
            std::ldexp(1.0f, -24));
  EXPECT_EQ(computeFloat("mul.rn.f32 %r6, %r2, %r3;\n"
                         "add.rn.f32 %r5, %r6, %r4",
                         a, a, -1 - std::ldexp(1.0f, -11)),
            0.0f);
  EXPECT_EQ(computeFloat("rcp.rn.f32 %r5, %r2", 3), 1.0f / 3.0f);
  EXPECT_EQ(computeFloat("sqrt.rn.f32 %r5, %r2", 2), 1.41421356f);
  EXPECT_EQ(computeFloat("cvt.rmi.f32.f32 %r5, %r2", -1.5f), -2.0f);
  EXPECT_EQ(computeFloat("max.NaN.f32 %r5, %r2, 0f00000000", -1), 0.0f);
  EXPECT_TRUE(
      std::isnan(computeFloat("max.NaN.f32 %r5, %r2, 0f00000000", NAN)));
  EXPECT_EQ(compute("cvt.rzi.s32.f32 %r5, %r2", std::bit_cast<uint32_t>(-1.5f)),
            0xFFFFFFFFU);
  EXPECT_EQ(compute("cvt.rzi.s32.f32 %r5, %r2", std::bit_cast<uint32_t>(1e30f)),
            0x7FFFFFFFU);
}

TEST_F(Ptx, NumbersOfBf16) {
  // The first becomes the upper half. To the nearest even: half a unit above an
  // even, and above an odd number.
  EXPECT_EQ(compute("cvt.rn.bf16x2.f32 %r5, %r2, %r3", 0x3F808000, 0x3F818000),
            0x3F803F82U);
  EXPECT_EQ(
      compute("mov.b32 {%rs1, %rs2}, %r2;\ncvt.f32.bf16 %r5, %rs2", 0x40490000),
      0x40490000U);
  EXPECT_EQ(compute("abs.bf16x2 %r5, %r2", 0xBF80C049), 0x3F804049U);
  EXPECT_EQ(compute("mov.b32 {%rs1, %rs2}, %r2;\n"
                    "abs.bf16 %rs3, %rs2;\nmov.b32 %r5, {%rs1, %rs3}",
                    0xBF80C049),
            0x3F80C049U);
}

TEST_F(Ptx, ComparisonsOfNaNs) {
  auto holds = [&](const char *comparison, float a, float b) {
    return compute(fmt::format("setp.{}.f32 %p1, %r2, %r3;\n"
                               "selp.b32 %r5, 1, 0, %p1",
                               comparison),
                   std::bit_cast<uint32_t>(a), std::bit_cast<uint32_t>(b)) != 0;
  };
  EXPECT_TRUE(holds("lt", 1, 2));
  EXPECT_FALSE(holds("lt", NAN, 2));
  EXPECT_FALSE(holds("ne", NAN, 2));
  EXPECT_TRUE(holds("neu", NAN, 2));
  EXPECT_TRUE(holds("ltu", NAN, 2));
  EXPECT_FALSE(holds("ltu", 2, 2));
  EXPECT_FALSE(holds("num", 2, NAN));
}

TEST_F(Ptx, VectorsOfMemory) {
  for (uint32_t i = 0; i < 8; ++i)
    memory[i] = i;
  run("setp.ne.b32 %p1, %r1, 0;\n@%p1 bra $L__end;\n"
      "ld.v4.b32 {%r2, %r3, %r4, %r5}, [%rd1+16];\n"
      "st.shared.v4.b32 [__dynamic_shmem__0+16], {%r5, %r4, %r3, %r2};\n"
      // The same by a generic address.
      "mov.b64 %rd2, __dynamic_shmem__0;\ncvta.shared.u64 %rd2, %rd2;\n"
      "ld.v2.b32 {%r6, %r7}, [%rd2+24];\n"
      "st.v2.b32 [%rd1+64], {%r6, %r7};\n$L__end:");
  EXPECT_EQ(memory[16], 5U);
  EXPECT_EQ(memory[17], 4U);
}

/// The fragments as the PTX ISA draws them (9.7.14.5.6 and 9.7.14.5.8): what
/// each thread holds of a and b, and gets of the product.
class PtxMatrices : public Ptx, public testing::WithParamInterface<bool> {};

TEST_P(PtxMatrices, Multiply) {
  bool isBf16 = GetParam();
  int terms = isBf16 ? 16 : 8, packed = isBf16 ? 2 : 1;
  auto a = [](int row, int term) { return float(row * 3 % 7 - term % 5); };
  auto b = [](int term, int column) { return float(term % 3 + column - 4); };
  // Registers of a are at words 0 to 127, of b at 128 to 191.
  auto put = [&](int word, int part, float value) {
    uint32_t bits = std::bit_cast<uint32_t>(value);
    if (isBf16)
      memory[word] |= (bits >> 16) << (16 * part);
    else
      memory[word] = bits;
  };
  for (int lane = 0; lane < 32; ++lane) {
    int group = lane / 4, inGroup = lane % 4;
    for (int i = 0; i < 4; ++i)
      for (int part = 0; part < packed; ++part) {
        int row = group + (i % 2 ? 8 : 0);
        int term = inGroup * packed + part + (i >= 2 ? terms / 2 : 0);
        put(i * 32 + lane, part, a(row, term));
      }
    for (int i = 0; i < 2; ++i)
      for (int part = 0; part < packed; ++part)
        put(128 + i * 32 + lane, part,
            b(inGroup * packed + part + i * terms / 2, group));
  }
  std::string name = isBf16
                         ? "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"
                         : "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32";
  std::string body = place;
  for (int i = 0; i < 6; ++i)
    body += fmt::format("ld.b32 %r{}, [%rd2+{}];\n", 10 + i, i * 128);
  body += "mov.b32 %r20, 0f3F800000;\n" + name +
          "\n{%r2, %r3, %r4, %r5},\n{%r10, %r11, %r12, %r13},\n"
          "{%r14, %r15},\n{%r20, %r20, %r20, %r20};\n";
  for (int i = 0; i < 4; ++i)
    body += fmt::format("st.b32 [%rd2+{}], %r{};\n", i * 128, 2 + i);
  run(body);
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < 4; ++i) {
      int row = lane / 4 + (i >= 2 ? 8 : 0), column = lane % 4 * 2 + i % 2;
      float expected = 1;
      for (int term = 0; term < terms; ++term)
        expected += a(row, term) * b(term, column);
      EXPECT_EQ(std::bit_cast<float>(memory[i * 32 + lane]), expected)
          << "row " << row << ", column " << column;
    }
}

INSTANTIATE_TEST_SUITE_P(Precisions, PtxMatrices, testing::Bool(),
                         [](const testing::TestParamInfo<bool> &info) {
                           return info.param ? "bf16" : "tf32";
                         });

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

/// Each thread counts to its number: all meet behind the loop.
TEST_F(Ptx, ThreadsPartAndMeetAgain) {
  run(place + "mov.b32 %r2, 0;\n$L__loop:\n"
              "setp.ge.u32 %p1, %r2, %r1;\n@%p1 bra $L__out;\n"
              "add.s32 %r2, %r2, 1;\nbra.uni $L__loop;\n"
              "$L__out:\nbar.sync 0;\nst.b32 [%rd2], %r2;",
      64);
  for (uint32_t i = 0; i < 64; ++i)
    EXPECT_EQ(memory[i], i);
}

TEST_F(Ptx, CallsOfSomeThreads) {
  functions = ".func twice(\n.param .b64 q0,\n.param .b32 q1\n)\n{\n"
              ".reg .b32 %r<3>;\n.reg .b64 %rd<2>;\n"
              "ld.param.b64 %rd1, [q0];\nld.param.b32 %r1, [q1];\n"
              "add.s32 %r2, %r1, %r1;\nst.b32 [%rd1], %r2;\nret;\n}\n";
  run(place + "setp.gt.u32 %p1, %r1, 3;\n@%p1 bra $L__out;\n"
              "{ // callseq\n.param .b64 param0;\n.param .b32 param1;\n"
              "st.param.b64 [param0], %rd2;\nst.param.b32 [param1], %r1;\n"
              "call.uni twice, (param0, param1);\n}\n$L__out:\nbar.sync 0;");
  for (uint32_t i = 0; i < 32; ++i)
    EXPECT_EQ(memory[i], i < 4 ? 2 * i : 0);
}

/// A thread of each block arrives at a counter and waits for the others.
const std::string arrive = "setp.ne.b32 %p1, %r1, 0;\n@%p1 bra $L__out;\n"
                           "atom.add.u32 %r2, [%rd1], 1;\n$L__wait:\n"
                           "ld.acquire.gpu.b32 %r3, [%rd1];\n";

TEST_F(Ptx, BlocksWaitForEachOther) {
  for (bool reversed : {false, true}) {
    memory.fill(0);
    run(arrive + "setp.lt.u32 %p2, %r3, 6;\n@%p2 bra $L__wait;\n$L__out:\n"
                 "bar.sync 0;\nmov.u32 %r4, %ctaid.x;\nmov.u32 %r5, %ctaid.y;\n"
                 "mad.lo.s32 %r4, %r5, 3, %r4;\nmul.wide.u32 %rd2, %r4, 4;\n"
                 "add.s64 %rd2, %rd1, %rd2;\nld.b32 %r6, [%rd1];\n"
                 "st.b32 [%rd2+4], %r6;",
        64, {3, 2}, reversed);
    for (uint32_t i = 0; i < 7; ++i)
      EXPECT_EQ(memory[i], 6U);
  }
}

//===----------------------------------------------------------------------===//
// Counts
//===----------------------------------------------------------------------===//

/// Threads that are 128 bytes apart touch a sector each, and a word each of the
/// same bank; those beside each other share four, and have a bank each.
TEST_F(Ptx, CountsSectorsAndConflictsOfBanks) {
  sharedBytes = 4096;
  run("mul.wide.u32 %rd2, %r1, 128;\nadd.s64 %rd3, %rd1, %rd2;\n"
      "ld.b32 %r2, [%rd3];\nst.shared.b32 [%rd2], %r2;");
  expectMemory(/*sectors=*/32, /*fewestSectors=*/4, /*wavefronts=*/32,
               /*fewestWavefronts=*/1);

  run("mul.wide.u32 %rd2, %r1, 16;\nadd.s64 %rd3, %rd1, %rd2;\n"
      "ld.v4.b32 {%r2, %r3, %r4, %r5}, [%rd3];\n"
      "st.shared.v4.b32 [%rd2], {%r2, %r3, %r4, %r5};");
  expectMemory(16, 16, 4, 4);
}

TEST_F(Ptx, CountsInstructionsOfWarps) {
  run("fma.rn.f32 %r2, %r1, %r1, %r1;\nsetp.gt.u32 %p1, %r1, 7;\n"
      "@%p1 bra $L__out;\nadd.rn.f32 %r2, %r2, %r2;\n$L__out:\nbar.sync 0;",
      64);
  nlohmann::json all = counts["functions"]["k"];
  // One of the two warps adds, in eight threads; 24 of it branch, and all of
  // the other.
  EXPECT_EQ(all["multiply_add"], 3);
  EXPECT_EQ(all["barrier"], 2);
  EXPECT_EQ(counts["instructions"]["add.rn.f32"], 1);
  EXPECT_EQ(all["longest"], 8);
  // Up to the barrier, one warp issues seven, the other does not add.
  EXPECT_EQ(all["slowest"], 7);
  EXPECT_EQ(all["average"], 6.5);
  EXPECT_EQ(all["threads"], 6 * 64 + 8 + 24 + 32);
}

//===----------------------------------------------------------------------===//
// Mistakes
//===----------------------------------------------------------------------===//

TEST_F(Ptx, FindsAccessesOutOfBounds) {
  expectError("st.b32 [%rd1+4096], %r1;", "where nothing is allocated: in 'k'");
  expectError("ld.v4.b32 {%r2, %r3, %r4, %r5}, [%rd1+-16];",
              "where nothing is allocated");
  expectError("st.shared.b32 [__dynamic_shmem__0+64], %r1;",
              "4 bytes at 64 of 64 bytes of shared memory");
}

TEST_F(Ptx, FindsAddressesThatAreNotAligned) {
  expectError("ld.v4.b32 {%r2, %r3, %r4, %r5}, [%rd1+8];",
              "is no multiple of 16");
}

TEST_F(Ptx, FindsBarriersThatSomeThreadsMiss) {
  expectError("setp.gt.u32 %p1, %r1, 3;\n@%p1 bra $L__out;\nbar.sync 0;\n"
              "$L__out:",
              "not all threads of the warp are here");
  expectError("setp.gt.u32 %p1, %r1, 31;\n@%p1 bra $L__out;\nbar.sync 0;\n"
              "$L__out:",
              "threads wait at a barrier for others that have ended", 64);
}

TEST_F(Ptx, FindsThreadsThatWaitForEver) {
  expectError(arrive + "bra.uni $L__wait;\n$L__out:", "and none goes on");
}

TEST_F(Ptx, RefusesWhatItDoesNotKnow) {
  expectError("\nex2.approx.f32 %r2, %r2;",
              "line 17: this instruction is not known: "
              "'ex2.approx.f32 %r2, %r2'");
  expectError("add.s32 %r2, %rd1, 1;", "'%rd1' has another type");
  expectError("add.s32 %r2, %r99, 1;", "'%r99' is not declared");
  expectError("call.uni f, ();", "a call of 'f', which is not here");
}

} // namespace
