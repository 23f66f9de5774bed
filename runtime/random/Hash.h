//===- Hash.h - A number for a text -----------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// FNV-1a, 64 bits. Initial weights and checkpoints depend on it: it stays as
/// it is.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_RANDOM_HASH_H
#define DALE_RUNTIME_RANDOM_HASH_H

#include <cstdint>
#include <string_view>

namespace dale::runtime {

constexpr uint64_t hashOf(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (char letter : text) {
    hash ^= static_cast<unsigned char>(letter);
    hash *= 0x100000001B3;
  }
  return hash;
}

} // namespace dale::runtime

#endif // DALE_RUNTIME_RANDOM_HASH_H
