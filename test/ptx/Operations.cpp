//===- Operations.cpp - What PTX's instructions compute -------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sections of the PTX ISA (9.7): integer, floating point, comparison and
// selection, logic and shift, data movement and conversion, matrices.
//
//===----------------------------------------------------------------------===//

#include "Operations.h"
#include "Machine.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <string>

using namespace dale::test::ptx;

namespace {

using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using s16 = int16_t;
using s32 = int32_t;
using s64 = int64_t;
using f32 = float;

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

template <typename T>
using Lanes = T[warpSize];

template <typename T>
T *lanesAt(Warp &warp, Place place) {
  return reinterpret_cast<T *>(warp.at(place));
}
template <typename T>
const T *readLanes(const Warp &warp, Place place) {
  return reinterpret_cast<const T *>(warp.at(place));
}

Mask &maskAt(Warp &warp, Place place) {
  return *reinterpret_cast<Mask *>(warp.at(place));
}
Mask readMask(const Warp &warp, Place place) {
  return *reinterpret_cast<const Mask *>(warp.at(place));
}

template <typename F>
void forEachLane(Mask lanes, F body) {
  for (; lanes; lanes &= lanes - 1)
    body(std::countr_zero(lanes));
}

/// A function of values to a value, for each thread alone.
template <typename F, typename D, typename... S>
struct PerLane {
  static void execute(Warp &warp, const Instruction &in, Mask lanes) {
    apply(warp, in, lanes, std::index_sequence_for<S...>());
  }

  template <size_t... I>
  static void apply(Warp &warp, const Instruction &in, Mask lanes,
                    std::index_sequence<I...>) {
    alignas(64) Lanes<D> results;
    [&](const S *...sources) {
      for (int i = 0; i < warpSize; ++i)
        results[i] = F()(sources[i]...);
    }(readLanes<S>(warp, in.operands[I + 1])...);
    D *to = lanesAt<D>(warp, in.operands[0]);
    if (lanes == allLanes)
      std::memcpy(to, results, sizeof results);
    else
      for (int i = 0; i < warpSize; ++i)
        to[i] = lanes >> i & 1 ? results[i] : to[i];
  }
};

template <typename D, typename... S, typename F>
Operation perLane(F) {
  return {&PerLane<F, D, S...>::execute,
          {static_cast<int>(sizeof(D)), static_cast<int>(sizeof(S))...}};
}

void setMask(Warp &warp, Place place, Mask bits, Mask lanes) {
  Mask &mask = maskAt(warp, place);
  mask = (mask & ~lanes) | (bits & lanes);
}

template <typename T, typename F>
struct Compare {
  static void execute(Warp &warp, const Instruction &in, Mask lanes) {
    const T *a = readLanes<T>(warp, in.operands[1]);
    const T *b = readLanes<T>(warp, in.operands[2]);
    Mask bits = 0;
    for (int i = 0; i < warpSize; ++i)
      bits |= Mask(F()(a[i], b[i])) << i;
    setMask(warp, in.operands[0], bits, lanes);
  }
};

template <typename T, typename F>
Operation compare(F) {
  return {&Compare<T, F>::execute, {predicate, sizeof(T), sizeof(T)}};
}

template <typename T>
struct Select {
  static void execute(Warp &warp, const Instruction &in, Mask lanes) {
    alignas(64) Lanes<T> results;
    const T *a = readLanes<T>(warp, in.operands[1]);
    const T *b = readLanes<T>(warp, in.operands[2]);
    Mask which = readMask(warp, in.operands[3]);
    T *to = lanesAt<T>(warp, in.operands[0]);
    for (int i = 0; i < warpSize; ++i) {
      results[i] = which >> i & 1 ? a[i] : b[i];
      results[i] = lanes >> i & 1 ? results[i] : to[i];
    }
    std::memcpy(to, results, sizeof results);
  }
};

template <typename T>
Operation select() {
  return {&Select<T>::execute, {sizeof(T), sizeof(T), sizeof(T), predicate}};
}

template <typename F>
void combineMasks(Warp &warp, const Instruction &in, Mask lanes) {
  setMask(warp, in.operands[0],
          F()(readMask(warp, in.operands[1]), readMask(warp, in.operands[2])),
          lanes);
}

template <typename F>
Operation masks(F) {
  return {&combineMasks<F>, {predicate, predicate, predicate}};
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// Shifts by the width and more give zero.
template <typename T>
T shiftLeft(T a, u32 b) {
  return b < 8 * sizeof(T) ? static_cast<T>(a << b) : T(0);
}
template <typename T>
T shiftRight(T a, u32 b) {
  return b < 8 * sizeof(T) ? static_cast<T>(a >> b) : T(0);
}

template <typename T>
T divide(T a, T b) {
  return b ? a / b : ~T(0);
}

/// `length` bits of a from `begin` on.
template <typename T>
T extractBits(T a, u32 begin, u32 length) {
  T field = shiftRight(a, begin & 0xFF);
  length &= 0xFF;
  return length < 8 * sizeof(T) ? field & ((T(1) << length) - 1) : field;
}

f32 largerOrNan(f32 a, f32 b) {
  return a != a || b != b ? std::numeric_limits<f32>::quiet_NaN()
                          : (a > b ? a : b);
}
f32 smallerOrNan(f32 a, f32 b) {
  return a != a || b != b ? std::numeric_limits<f32>::quiet_NaN()
                          : (a < b ? a : b);
}

/// Towards zero; what has no room becomes the nearest that has, NaNs 0.
s32 truncate(f32 a) {
  if (a != a)
    return 0;
  if (a >= 2147483648.0f)
    return std::numeric_limits<s32>::max();
  if (a < -2147483648.0f)
    return std::numeric_limits<s32>::min();
  return static_cast<s32>(a);
}

f32 fromBf16(u32 bits) { return std::bit_cast<f32>(bits << 16); }

/// To the nearest, of two alike the even one.
u32 toBf16(f32 a) {
  u32 bits = std::bit_cast<u32>(a);
  if (a != a)
    return 0x7FFF;
  return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
}

//===----------------------------------------------------------------------===//
// Matrices
//===----------------------------------------------------------------------===//

void requireWholeWarp(const Warp &warp, Mask lanes) {
  if (lanes != warp.lanes)
    throw PtxError("not all threads of the warp are here");
}

/// d = a b + c, 16 x 8 numbers, a sum of `terms` terms. `a(row, term)` and
/// `b(term, column)` find factors in their fragments.
template <typename A, typename B>
void multiplyMatrices(Warp &warp, const Instruction &in, int terms, A a, B b) {
  alignas(64) Lanes<f32> results[4];
  for (int lane = 0; lane < warpSize; ++lane)
    for (int i = 0; i < 4; ++i) {
      int row = lane / 4 + (i < 2 ? 0 : 8), column = lane % 4 * 2 + i % 2;
      double sum = readLanes<f32>(warp, in.operands[10 + i])[lane];
      for (int term = 0; term < terms; ++term)
        sum += double(a(row, term)) * double(b(term, column));
      results[i][lane] = static_cast<f32>(sum);
    }
  for (int i = 0; i < 4; ++i)
    std::memcpy(lanesAt<f32>(warp, in.operands[i]), results[i],
                sizeof results[i]);
}

/// 9.7.14.5.6 of the PTX ISA: fragments of .m16n8k8 with .tf32. The unit sees
/// 19 bits of a factor.
void multiplyTf32(Warp &warp, const Instruction &in, Mask lanes) {
  requireWholeWarp(warp, lanes);
  auto factor = [&](int operand, int lane) {
    u32 bits = readLanes<u32>(warp, in.operands[operand])[lane];
    return std::bit_cast<f32>(bits & 0xFFFFE000U);
  };
  multiplyMatrices(
      warp, in, 8,
      [&](int row, int term) {
        int number = (row < 8 ? 0 : 1) + (term < 4 ? 0 : 2);
        return factor(4 + number, row % 8 * 4 + term % 4);
      },
      [&](int term, int column) {
        return factor(8 + term / 4, column * 4 + term % 4);
      });
}

/// 9.7.14.5.8: fragments of .m16n8k16 with .bf16, two factors a register.
void multiplyBf16(Warp &warp, const Instruction &in, Mask lanes) {
  requireWholeWarp(warp, lanes);
  auto factor = [&](int operand, int lane, int half) {
    u32 bits = readLanes<u32>(warp, in.operands[operand])[lane];
    return fromBf16(bits >> (16 * half) & 0xFFFF);
  };
  multiplyMatrices(
      warp, in, 16,
      [&](int row, int term) {
        int number = (row < 8 ? 0 : 1) + (term < 8 ? 0 : 2);
        return factor(4 + number, row % 8 * 4 + term % 8 / 2, term % 2);
      },
      [&](int term, int column) {
        return factor(8 + term / 8, column * 4 + term % 8 / 2, term % 2);
      });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

enum class Space { generic, shared };

template <Space space>
std::byte *find(Warp &warp, u64 address, size_t bytes) {
  if (address % bytes != 0)
    throw PtxError(
        fmt::format("address {:#x} is no multiple of {}", address, bytes));
  return space == Space::shared
             ? warp.block->machine->translateShared(*warp.block, address, bytes)
             : warp.block->machine->translate(*warp.block, address, bytes);
}

/// Goes to the bytes that each thread accesses.
template <Space space, typename F>
void forEachAddress(Warp &warp, const Instruction &in, Mask lanes, size_t bytes,
                    F body) {
  const u64 *addresses = readLanes<u64>(warp, in.address);
  forEachLane(lanes, [&](int lane) {
    u64 address = addresses[lane] + static_cast<u64>(in.displacement);
    body(lane, find<space>(warp, address, bytes));
  });
}

template <Space space, typename T>
void load(Warp &warp, const Instruction &in, Mask lanes) {
  auto fetch = [&](int lane, const std::byte *from) {
    for (unsigned i = 0; i < in.count; ++i) {
      T value;
      std::memcpy(&value, from + i * sizeof(T), sizeof(T));
      // A wider register gets zeros.
      u64 wide = value;
      std::memcpy(warp.at(in.operands[i]) + lane * in.widths[i], &wide,
                  in.widths[i]);
    }
  };
  forEachAddress<space>(warp, in, lanes, sizeof(T) * in.count, fetch);
}

template <Space space, typename T>
void store(Warp &warp, const Instruction &in, Mask lanes) {
  const Warp &registers = warp;
  auto put = [&](int lane, std::byte *to) {
    for (unsigned i = 0; i < in.count; ++i)
      std::memcpy(to + i * sizeof(T),
                  registers.at(in.operands[i]) + lane * in.widths[i],
                  sizeof(T));
  };
  forEachAddress<space>(warp, in, lanes, sizeof(T) * in.count, put);
}

template <typename T>
Execute accessOf(std::string_view space, bool isLoad) {
  if (space == "shared")
    return isLoad ? load<Space::shared, T> : store<Space::shared, T>;
  return isLoad ? load<Space::generic, T> : store<Space::generic, T>;
}

Execute findAccess(std::string_view space, int bytes, bool isLoad) {
  switch (bytes) {
  case 1:
    return accessOf<uint8_t>(space, isLoad);
  case 2:
    return accessOf<u16>(space, isLoad);
  case 4:
    return accessOf<u32>(space, isLoad);
  case 8:
    return accessOf<u64>(space, isLoad);
  default:
    return nullptr;
  }
}

void atomicAdd(Warp &warp, const Instruction &in, Mask lanes) {
  const u32 *terms = readLanes<u32>(warp, in.operands[2]);
  auto add = [&](int lane, std::byte *place) {
    u32 old, term = terms[lane];
    std::memcpy(&old, place, 4);
    term += old;
    std::memcpy(place, &term, 4);
    lanesAt<u32>(warp, in.operands[0])[lane] = old;
  };
  forEachAddress<Space::generic>(warp, in, lanes, 4, add);
  warp.block->machine->noteProgress();
}

void doNothing(Warp &, const Instruction &, Mask) {}

void checkBarrier(Warp &warp, const Instruction &, Mask lanes) {
  requireWholeWarp(warp, lanes);
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

template <typename Whole, typename Half>
void unpack(Warp &warp, const Instruction &in, Mask lanes) {
  alignas(64) Lanes<Whole> wholes;
  std::memcpy(wholes, readLanes<Whole>(warp, in.operands[2]), sizeof wholes);
  for (int half = 0; half < 2; ++half)
    forEachLane(lanes, [&](int lane) {
      lanesAt<Half>(warp, in.operands[half])[lane] =
          static_cast<Half>(wholes[lane] >> (half * 8 * sizeof(Half)));
    });
}

template <typename Whole, typename Half>
Operation unpacking() {
  return {&unpack<Whole, Half>, {sizeof(Half), sizeof(Half), sizeof(Whole)}};
}

void moveMask(Warp &warp, const Instruction &in, Mask lanes) {
  setMask(warp, in.operands[0], readMask(warp, in.operands[1]), lanes);
}

std::map<std::string, Operation, std::less<>> makeOperations() {
  std::map<std::string, Operation, std::less<>> all;
  auto add = [&](std::string_view names, const Operation &operation) {
    while (!names.empty()) {
      size_t space = std::min(names.find(' '), names.size());
      all.emplace(names.substr(0, space), operation);
      names.remove_prefix(std::min(space + 1, names.size()));
    }
  };

  // Integers: what does not depend on the sign has both types' names.
  auto plus = [](auto a, auto b) { return decltype(a)(a + b); };
  auto minus = [](auto a, auto b) { return decltype(a)(a - b); };
  auto times = [](auto a, auto b) { return decltype(a)(a * b); };
  auto timesPlus = [](auto a, auto b, auto c) {
    return decltype(a)(a * b + c);
  };
  auto smaller = [](auto a, auto b) { return a < b ? a : b; };
  auto larger = [](auto a, auto b) { return a > b ? a : b; };
  add("add.s16 add.u16", perLane<u16, u16, u16>(plus));
  add("add.s32 add.u32", perLane<u32, u32, u32>(plus));
  add("add.s64 add.u64", perLane<u64, u64, u64>(plus));
  add("sub.s16 sub.u16", perLane<u16, u16, u16>(minus));
  add("sub.s32 sub.u32", perLane<u32, u32, u32>(minus));
  add("sub.s64 sub.u64", perLane<u64, u64, u64>(minus));
  add("mul.lo.s16 mul.lo.u16", perLane<u16, u16, u16>([](u16 a, u16 b) {
        return static_cast<u16>(u32(a) * b);
      }));
  add("mul.lo.s32 mul.lo.u32", perLane<u32, u32, u32>(times));
  add("mul.lo.s64 mul.lo.u64", perLane<u64, u64, u64>(times));
  add("mad.lo.s16 mad.lo.u16",
      perLane<u16, u16, u16, u16>([](u16 a, u16 b, u16 c) {
        return static_cast<u16>(u32(a) * b + c);
      }));
  add("mad.lo.s32 mad.lo.u32", perLane<u32, u32, u32, u32>(timesPlus));
  add("mad.lo.s64 mad.lo.u64", perLane<u64, u64, u64, u64>(timesPlus));
  add("mul.hi.u16", perLane<u16, u16, u16>([](u16 a, u16 b) {
        return static_cast<u16>(u32(a) * b >> 16);
      }));
  add("mul.hi.u32", perLane<u32, u32, u32>([](u32 a, u32 b) {
        return static_cast<u32>(u64(a) * b >> 32);
      }));
  add("mul.hi.u64", perLane<u64, u64, u64>([](u64 a, u64 b) {
        __extension__ using u128 = unsigned __int128;
        return static_cast<u64>(u128(a) * b >> 64);
      }));
  add("mul.wide.u16",
      perLane<u32, u16, u16>([](u16 a, u16 b) { return u32(a) * u32(b); }));
  add("mul.wide.u32",
      perLane<u64, u32, u32>([](u32 a, u32 b) { return u64(a) * b; }));
  add("mul.wide.s32",
      perLane<s64, s32, s32>([](s32 a, s32 b) { return s64(a) * b; }));
  add("div.u32",
      perLane<u32, u32, u32>([](u32 a, u32 b) { return divide(a, b); }));
  add("div.u64",
      perLane<u64, u64, u64>([](u64 a, u64 b) { return divide(a, b); }));
  add("neg.s32", perLane<u32, u32>([](u32 a) { return 0 - a; }));
  add("neg.s64", perLane<u64, u64>([](u64 a) { return 0 - a; }));
  add("min.u32", perLane<u32, u32, u32>(smaller));
  add("min.u64", perLane<u64, u64, u64>(smaller));
  add("min.s64", perLane<s64, s64, s64>(smaller));
  add("max.u32", perLane<u32, u32, u32>(larger));
  add("max.s32", perLane<s32, s32, s32>(larger));
  add("max.u64", perLane<u64, u64, u64>(larger));
  add("max.s64", perLane<s64, s64, s64>(larger));
  add("bfe.u32", perLane<u32, u32, u32, u32>(
                     [](u32 a, u32 b, u32 c) { return extractBits(a, b, c); }));
  add("bfe.u64", perLane<u64, u64, u32, u32>(
                     [](u64 a, u32 b, u32 c) { return extractBits(a, b, c); }));

  // Floating point.
  auto fused = [](f32 a, f32 b, f32 c) { return std::fma(a, b, c); };
  add("add.f32 add.rn.f32", perLane<f32, f32, f32>(plus));
  add("sub.f32 sub.rn.f32", perLane<f32, f32, f32>(minus));
  add("mul.f32 mul.rn.f32", perLane<f32, f32, f32>(times));
  add("fma.rn.f32", perLane<f32, f32, f32, f32>(fused));
  add("div.rn.f32", perLane<f32, f32, f32>([](f32 a, f32 b) { return a / b; }));
  add("rcp.rn.f32", perLane<f32, f32>([](f32 a) { return 1 / a; }));
  add("sqrt.rn.f32", perLane<f32, f32>([](f32 a) { return std::sqrt(a); }));
  add("neg.f32", perLane<f32, f32>([](f32 a) { return -a; }));
  add("abs.f32", perLane<f32, f32>([](f32 a) { return std::fabs(a); }));
  add("abs.bf16", perLane<u16, u16>([](u16 a) { return u16(a & 0x7fff); }));
  add("abs.bf16x2", perLane<u32, u32>([](u32 a) { return a & 0x7fff7fff; }));
  add("max.NaN.f32",
      perLane<f32, f32, f32>([](f32 a, f32 b) { return largerOrNan(a, b); }));
  add("min.NaN.f32",
      perLane<f32, f32, f32>([](f32 a, f32 b) { return smallerOrNan(a, b); }));

  // Comparison and selection.
  auto equal = [](auto a, auto b) { return a == b; };
  auto different = [](auto a, auto b) { return a != b; };
  auto less = [](auto a, auto b) { return a < b; };
  auto lessEqual = [](auto a, auto b) { return a <= b; };
  auto greater = [](auto a, auto b) { return a > b; };
  auto greaterEqual = [](auto a, auto b) { return a >= b; };
  auto addComparisons = [&]<typename T>(std::string_view type, T) {
    auto name = [&](const char *which) {
      return fmt::format("setp.{}.{}", which, type);
    };
    add(name("eq"), compare<T>(equal));
    // Unordered numbers are neither equal nor different.
    add(name("ne"),
        compare<T>([](T a, T b) { return a != b && a == a && b == b; }));
    add(name("lt"), compare<T>(less));
    add(name("le"), compare<T>(lessEqual));
    add(name("gt"), compare<T>(greater));
    add(name("ge"), compare<T>(greaterEqual));
  };
  addComparisons("b16", u16());
  addComparisons("u16", u16());
  addComparisons("b32", u32());
  addComparisons("u32", u32());
  addComparisons("s32", s32());
  addComparisons("b64", u64());
  addComparisons("u64", u64());
  addComparisons("s64", s64());
  addComparisons("f32", f32());
  add("setp.num.f32",
      compare<f32>([](f32 a, f32 b) { return a == a && b == b; }));
  add("setp.nan.f32",
      compare<f32>([](f32 a, f32 b) { return a != a || b != b; }));
  add("setp.equ.f32",
      compare<f32>([](f32 a, f32 b) { return !(a < b) && !(a > b); }));
  add("setp.neu.f32", compare<f32>(different));
  add("setp.ltu.f32", compare<f32>([](f32 a, f32 b) { return !(a >= b); }));
  add("setp.leu.f32", compare<f32>([](f32 a, f32 b) { return !(a > b); }));
  add("setp.gtu.f32", compare<f32>([](f32 a, f32 b) { return !(a <= b); }));
  add("setp.geu.f32", compare<f32>([](f32 a, f32 b) { return !(a < b); }));
  add("selp.b16", select<u16>());
  add("selp.b32 selp.f32", select<u32>());
  add("selp.b64", select<u64>());

  // Logic and shift.
  auto both = [](auto a, auto b) { return decltype(a)(a & b); };
  auto either = [](auto a, auto b) { return decltype(a)(a | b); };
  auto oneOf = [](auto a, auto b) { return decltype(a)(a ^ b); };
  auto left = [](auto a, u32 b) { return shiftLeft(a, b); };
  auto right = [](auto a, u32 b) { return shiftRight(a, b); };
  add("and.pred", masks(both));
  add("or.pred", masks(either));
  add("xor.pred", masks(oneOf));
  add("and.b16", perLane<u16, u16, u16>(both));
  add("and.b32", perLane<u32, u32, u32>(both));
  add("and.b64", perLane<u64, u64, u64>(both));
  add("or.b16", perLane<u16, u16, u16>(either));
  add("or.b32", perLane<u32, u32, u32>(either));
  add("or.b64", perLane<u64, u64, u64>(either));
  add("xor.b16", perLane<u16, u16, u16>(oneOf));
  add("xor.b32", perLane<u32, u32, u32>(oneOf));
  add("xor.b64", perLane<u64, u64, u64>(oneOf));
  add("shl.b16", perLane<u16, u16, u32>(left));
  add("shl.b32", perLane<u32, u32, u32>(left));
  add("shl.b64", perLane<u64, u64, u32>(left));
  add("shr.u16", perLane<u16, u16, u32>(right));
  add("shr.u32", perLane<u32, u32, u32>(right));
  add("shr.u64", perLane<u64, u64, u32>(right));

  // Movement.
  auto same = [](auto a) { return a; };
  add("mov.pred", {&moveMask, {predicate, predicate}});
  add("mov.b16 mov.u16", perLane<u16, u16>(same));
  add("mov.b32 mov.u32", perLane<u32, u32>(same));
  add("mov.b64 mov.u64", perLane<u64, u64>(same));
  add("mov.b32.unpack", unpacking<u32, u16>());
  add("mov.b64.unpack", unpacking<u64, u32>());
  add("mov.b32.pack", perLane<u32, u16, u16>(
                          [](u16 a, u16 b) { return u32(a) | u32(b) << 16; }));
  add("mov.b64.pack", perLane<u64, u32, u32>(
                          [](u32 a, u32 b) { return u64(a) | u64(b) << 32; }));
  // Parameters have eight bytes, whatever their types.
  add("ld.param.b32.32", perLane<u32, u64>([](u64 a) { return u32(a); }));
  add("ld.param.b32.64", perLane<u64, u64>([](u64 a) { return u64(u32(a)); }));
  add("ld.param.s32.64", perLane<s64, u64>([](u64 a) { return s64(s32(a)); }));
  add("ld.param.b64.64", perLane<u64, u64>(same));
  add("st.param.b32.32", perLane<u64, u32>([](u32 a) { return u64(a); }));
  add("st.param.b64.64", perLane<u64, u64>(same));
  add("cvta.shared.u64",
      perLane<u64, u64>([](u64 a) { return a + Machine::sharedWindow; }));
  add("atom.add.u32", {&atomicAdd, {4, 8, 4}});
  add("fence.sc.gpu", {&doNothing, {}});
  add("bar.sync", {&checkBarrier, {4}, Flow::barrier});

  // Conversion.
  add("cvt.u16.u32", perLane<u16, u32>([](u32 a) { return u16(a); }));
  add("cvt.u16.u64", perLane<u16, u64>([](u64 a) { return u16(a); }));
  add("cvt.u32.u16", perLane<u32, u16>([](u16 a) { return u32(a); }));
  add("cvt.u32.u64", perLane<u32, u64>([](u64 a) { return u32(a); }));
  add("cvt.u64.u16", perLane<u64, u16>([](u16 a) { return u64(a); }));
  add("cvt.u64.u32", perLane<u64, u32>([](u32 a) { return u64(a); }));
  add("cvt.s64.s32", perLane<s64, s32>([](s32 a) { return s64(a); }));
  add("cvt.rn.f32.u16", perLane<f32, u16>([](u16 a) { return f32(a); }));
  add("cvt.rn.f32.u32", perLane<f32, u32>([](u32 a) { return f32(a); }));
  add("cvt.rn.f32.s64", perLane<f32, s64>([](s64 a) { return f32(a); }));
  add("cvt.rmi.f32.f32",
      perLane<f32, f32>([](f32 a) { return std::floor(a); }));
  add("cvt.rzi.s32.f32", perLane<s32, f32>([](f32 a) { return truncate(a); }));
  add("cvt.f32.bf16", perLane<f32, u16>([](u16 a) { return fromBf16(a); }));
  add("cvt.rn.bf16.f32",
      perLane<u16, f32>([](f32 a) { return static_cast<u16>(toBf16(a)); }));
  // The first source becomes the upper half.
  add("cvt.rn.bf16x2.f32", perLane<u32, f32, f32>([](f32 a, f32 b) {
        return toBf16(a) << 16 | toBf16(b);
      }));

  // Matrices.
  const std::vector<int> fragments(14, 4);
  add("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32",
      {&multiplyTf32, fragments});
  add("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32",
      {&multiplyBf16, fragments});
  return all;
}

//===----------------------------------------------------------------------===//
// Special registers
//===----------------------------------------------------------------------===//

template <typename F>
void readSpecial(Warp &warp, const Instruction &in, Mask lanes) {
  u32 *to = lanesAt<u32>(warp, in.operands[0]);
  forEachLane(lanes,
              [&](int lane) { to[lane] = static_cast<u32>(F()(warp, lane)); });
}

template <typename F>
Execute special(F) {
  return &readSpecial<F>;
}

} // namespace

const Operation *dale::test::ptx::findOperation(std::string_view name) {
  static const auto all = makeOperations();
  auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

Execute dale::test::ptx::findSpecialRegister(std::string_view name) {
  static const std::map<std::string, Execute, std::less<>> all = {
      {"%tid.x", special([](const Warp &warp, int lane) {
         return warp.number * warpSize + static_cast<unsigned>(lane);
       })},
      {"%laneid", special([](const Warp &, int lane) { return lane; })},
      {"%ntid.x", special([](const Warp &warp, int) {
         return warp.block->machine->current().threads;
       })},
      {"%ctaid.x",
       special([](const Warp &warp, int) { return warp.block->index[0]; })},
      {"%ctaid.y",
       special([](const Warp &warp, int) { return warp.block->index[1]; })},
      {"%nctaid.x", special([](const Warp &warp, int) {
         return warp.block->machine->current().grid[0];
       })},
      {"%dynamic_smem_size", special([](const Warp &warp, int) {
         return warp.block->machine->current().sharedBytes;
       })},
  };
  auto found = all.find(name);
  return found == all.end() ? nullptr : found->second;
}

Execute dale::test::ptx::findLoad(std::string_view space, int bytes) {
  return findAccess(space, bytes, /*isLoad=*/true);
}

Execute dale::test::ptx::findStore(std::string_view space, int bytes) {
  return findAccess(space, bytes, /*isLoad=*/false);
}
