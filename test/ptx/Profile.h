//===- Profile.h - What kernels ask of a GPU --------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_PTX_PROFILE_H
#define DALE_TEST_PTX_PROFILE_H

#include "Machine.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace dale::test::ptx {

/// What units of a multiprocessor an instruction is for.
enum class Unit {
  multiplyAdd, // of single precision: fma, add, mul
  special,     // division, roots, reciprocals: software on most
  matrix,
  integer, // addresses, comparisons, moves
  convert,
  global,
  shared,
  control, // branches, calls, parameters, returns
  barrier,
  count
};

/// Counts of a function's own instructions.
struct Counts {
  /// Instructions of warps, and threads that took part in them.
  std::array<uint64_t, size_t(Unit::count)> issued{};
  uint64_t threads = 0;
  /// 32 bytes that memory is asked for at a time, and as many as there would be
  /// if all that is read and written lay together.
  uint64_t sectors = 0, fewestSectors = 0;
  /// Turns of shared memory's 32 banks, and as many as there would be without
  /// conflicts.
  uint64_t wavefronts = 0, fewestWavefronts = 0;
  uint64_t calls = 0;
  /// Instructions that one warp issued in one call.
  uint64_t longest = 0;
  /// Of functions with barriers: what the warps of a block issued between two
  /// of them, callees included, the warp with most of it, and a warp on
  /// average.
  uint64_t slowest = 0;
  double average = 0;
};

class Profile {
public:
  /// Of an instruction that is about to run.
  void count(const Warp &warp, const Function &function,
             const Instruction &instruction, Mask lanes);

  /// Of a warp that has issued so many instructions in a call of a function.
  void leave(const Function &function, uint64_t issued) {
    uint64_t &longest = counts[&function].longest;
    longest = std::max(longest, issued);
  }

  /// Of a block whose warps are all at a barrier.
  void wait(const Block &block);

  /// An object of functions, and one of how often each instruction was issued.
  nlohmann::json describe() const;

private:
  struct Access {
    Unit unit;
    unsigned bytes = 0; // of a thread; 0 if it is no access to memory
    uint64_t issued = 0;
  };
  Access &accessOf(const Instruction &instruction);
  void countAddresses(Counts &counts, const Warp &warp,
                      const Instruction &instruction, Mask lanes,
                      const Access &access);

  std::map<const Function *, Counts> counts;
  std::map<const char *, Access> accesses;
};

} // namespace dale::test::ptx

#endif // DALE_TEST_PTX_PROFILE_H
