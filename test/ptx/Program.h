//===- Program.h - PTX that a machine can run -------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_PTX_PROGRAM_H
#define DALE_TEST_PTX_PROGRAM_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace dale::test::ptx {

/// Threads that go together. Bit i of a mask is the warp's thread i.
constexpr int warpSize = 32;
using Mask = uint32_t;
constexpr Mask allLanes = ~Mask(0);

/// What is wrong with a program, or with what it does.
struct PtxError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Where the 32 values of an operand lie, in bytes: registers in the function's
/// frame, at 0 and above, constants in the program's pool, at ~place. A
/// predicate is one mask.
using Place = int32_t;

struct Instruction;
struct Warp;
/// Computes an instruction for the threads of a mask.
using Execute = void (*)(Warp &, const Instruction &, Mask);

/// What decides where a warp goes on.
enum class Flow : uint8_t { next, branch, call, leave, barrier, yield };

struct Instruction {
  Execute execute = nullptr;
  Flow flow = Flow::next;
  bool negated = false;       // the guard
  uint8_t count = 0;          // of a vector's elements
  int32_t guard = -1;         // a predicate's register, or -1
  int32_t target = -1;        // of a branch or call
  Place address = 0;          // of memory, in each thread
  int64_t displacement = 0;   // from there
  int32_t line = 0;           // of the text
  const char *name = nullptr; // "fma.rn.f32"
  /// Destinations first.
  std::array<Place, 14> operands{};
  std::array<uint8_t, 4> widths{}; // of registers that are loaded or stored
  /// Of a call: the places of the arguments.
  std::vector<Place> arguments;
};

struct Parameter {
  std::string name;
  int bytes;
  Place place;
};

struct Function {
  std::string name;
  bool entry = false;
  std::vector<Parameter> parameters;
  std::vector<Instruction> code;
  size_t frameBytes = 0;
};

/// A module, as PTX has it.
class Program {
public:
  /// Throws PtxError, which names the line, where the text has something that
  /// is not known here.
  explicit Program(std::string_view text);
  Program(const Program &) = delete;

  const Function *findEntry(std::string_view name) const;

  std::deque<Function> functions;
  std::vector<std::byte> pool;
  /// Of instructions.
  std::deque<std::string> names;
};

} // namespace dale::test::ptx

#endif // DALE_TEST_PTX_PROGRAM_H
