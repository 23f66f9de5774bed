//===- Profile.cpp - What kernels ask of a GPU ----------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sectors and banks are as the CUDA C++ programming guide describes them
// (16.4.3, 16.4.4, devices of compute capability 5.x and later): a warp's
// access to global memory takes the sectors of 32 bytes that it touches; one to
// shared memory goes to 32 banks of 4 bytes, for 32 threads at a time, or 16 or
// 8 if each wants 8 or 16 bytes, and takes as many turns as there are different
// words of a bank.
//
//===----------------------------------------------------------------------===//

#include "Profile.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <string_view>
#include <vector>

using namespace dale::test::ptx;

namespace {

constexpr uint64_t sectorBytes = 32, bankBytes = 4, banks = 32;

Unit unitOf(std::string_view name) {
  auto begins = [&](std::initializer_list<std::string_view> prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view p) { return name.starts_with(p); });
  };
  if (begins({"ld.param", "st.param", "bra", "call", "ret"}))
    return Unit::control;
  if (begins({"ld.shared", "st.shared"}))
    return Unit::shared;
  if (begins({"ld.", "st.", "atom."}))
    return Unit::global;
  if (begins({"bar.", "fence."}))
    return Unit::barrier;
  if (begins({"mma."}))
    return Unit::matrix;
  if (begins({"cvt.f32.bf16", "cvt.rn", "cvt.rmi", "cvt.rzi"}))
    return Unit::convert;
  if (begins({"div.rn", "rcp.", "sqrt."}))
    return Unit::special;
  if (begins({"fma.", "add.rn", "add.f32", "mul.rn", "mul.f32", "sub.rn",
              "sub.f32"}))
    return Unit::multiplyAdd;
  return Unit::integer;
}

/// "ld.shared.v4.b32": 16.
unsigned bytesOf(std::string_view name) {
  unsigned bits = 0;
  for (char digit : name.substr(name.find_last_not_of("0123456789") + 1))
    bits = 10 * bits + static_cast<unsigned>(digit - '0');
  unsigned count = name.find(".v4.") != name.npos   ? 4
                   : name.find(".v2.") != name.npos ? 2
                                                    : 1;
  return bits / 8 * count;
}

const char *const unitNames[] = {"multiply_add", "division", "matrix",
                                 "integer",      "convert",  "global",
                                 "shared",       "control",  "barrier"};

} // namespace

Profile::Access &Profile::accessOf(const Instruction &instruction) {
  auto [found, isNew] = accesses.try_emplace(instruction.name);
  if (isNew) {
    Unit unit = unitOf(instruction.name);
    bool isAccess = unit == Unit::shared || unit == Unit::global;
    found->second = {unit, isAccess ? bytesOf(instruction.name) : 0};
  }
  return found->second;
}

void Profile::count(const Warp &warp, const Function &function,
                    const Instruction &instruction, Mask lanes) {
  Counts &own = counts[&function];
  Access &access = accessOf(instruction);
  ++access.issued;
  own.threads += static_cast<uint64_t>(std::popcount(lanes));
  if (instruction.flow == Flow::call)
    ++own.calls;
  if (access.bytes > 0 && lanes)
    countAddresses(own, warp, instruction, lanes, access);
  else
    ++own.issued[size_t(access.unit)];
}

void Profile::countAddresses(Counts &own, const Warp &warp,
                             const Instruction &instruction, Mask lanes,
                             const Access &access) {
  const std::byte *addresses = warp.at(instruction.address);
  std::vector<uint64_t> all;
  for (int lane = 0; lane < warpSize; ++lane)
    if (lanes >> lane & 1) {
      uint64_t address;
      std::memcpy(&address, addresses + lane * 8, 8);
      all.push_back(address + static_cast<uint64_t>(instruction.displacement));
    }
  uint64_t bytes = access.bytes;
  bool isShared = access.unit == Unit::shared ||
                  all.front() - Machine::sharedWindow < (uint64_t(1) << 32);
  ++own.issued[size_t(isShared ? Unit::shared : Unit::global)];
  if (!isShared) {
    std::set<uint64_t> sectors, words;
    for (uint64_t address : all)
      for (uint64_t at = address; at < address + bytes; at += bankBytes) {
        sectors.insert(at / sectorBytes);
        words.insert(at / bankBytes);
      }
    own.sectors += sectors.size();
    own.fewestSectors +=
        (words.size() * bankBytes + sectorBytes - 1) / sectorBytes;
    return;
  }
  // Threads that have a turn together.
  size_t together =
      std::min<size_t>(warpSize, 128 / std::max<uint64_t>(bytes, 4));
  for (size_t begin = 0; begin < all.size(); begin += together) {
    std::set<uint64_t> words;
    for (size_t i = begin; i < std::min(begin + together, all.size()); ++i)
      for (uint64_t at = all[i]; at < all[i] + bytes; at += bankBytes)
        words.insert(at / bankBytes);
    std::array<uint64_t, banks> perBank{};
    for (uint64_t word : words)
      ++perBank[word % banks];
    own.wavefronts += *std::max_element(perBank.begin(), perBank.end());
    own.fewestWavefronts += (words.size() + banks - 1) / banks;
  }
}

void Profile::wait(const Block &block) {
  uint64_t slowest = 0, all = 0;
  for (const Warp &warp : block.warps) {
    slowest = std::max(slowest, warp.issued);
    all += warp.issued;
  }
  Counts &own = counts[block.warps.front().frames.back().function];
  own.slowest += slowest;
  own.average +=
      static_cast<double>(all) / static_cast<double>(block.warps.size());
}

nlohmann::json Profile::describe() const {
  nlohmann::json functions = nlohmann::json::object(),
                 instructions = nlohmann::json::object();
  for (const auto &[function, own] : counts) {
    nlohmann::json &row = functions[function->name];
    for (size_t unit = 0; unit < own.issued.size(); ++unit)
      row[unitNames[unit]] = own.issued[unit];
    row["threads"] = own.threads;
    row["sectors"] = own.sectors;
    row["fewest_sectors"] = own.fewestSectors;
    row["wavefronts"] = own.wavefronts;
    row["fewest_wavefronts"] = own.fewestWavefronts;
    row["calls"] = own.calls;
    row["longest"] = own.longest;
    row["slowest"] = own.slowest;
    row["average"] = own.average;
  }
  for (const auto &[name, access] : accesses)
    instructions[name] = access.issued;
  return {{"functions", functions}, {"instructions", instructions}};
}
